/** `npm run bench`: prepares the checkout and, for root, the test root, and runs `bench/main.ts`. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { checkout } from "./lib/files.mjs";
import { prepare } from "./prepare.mjs";
import { ensureTestRoot } from "./test-root.mjs";

if (!(await prepare())) process.exit(1);
const testRoot = process.getuid() === 0 ? await ensureTestRoot() : { ok: false, why: "only root can" };
if (!testRoot.ok) console.error(`bench: no laboratory: ${testRoot.why}`);
const env = { ...process.env, ...(testRoot.ok ? { HEARTBEAT_TEST_ROOT: testRoot.path } : {}) };
const program = join(checkout, "dist", "bench", "main.js");
const { status } = spawnSync(process.execPath, ["--enable-source-maps", program], { env, stdio: "inherit" });
process.exit(status ?? 1);
