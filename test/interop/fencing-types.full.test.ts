/** Every type of device that the original's `stonith -L` prints is one of ours, with as many values as its plugin names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

for (const kind of rows(["ours"] as const, () => false))
  test("each type that stonith -L prints can be configured", async (t) => {
    await using lab = await Lab.create({ nodes: { fox: kind, owl: kind } });
    const fox = lab.machine("fox");
    const printed = async (...argv: string[]): Promise<string[]> =>
      (await lab.exec("fox", ["stonith", ...argv])).stdout.split("\n").filter((line) => line !== "");
    const types = await printed("-L");
    assert.ok(types.includes("baytech") && types.includes("rps10") && types.includes("external/ipmi"), types.join(" "));
    const lines: string[] = [];
    for (const type of types) {
      // `stonith -t TYPE -n` prints the names of its values; a plugin whose own tools are missing prints none, and takes anything.
      const names = (await printed("-t", type, "-n")).join(" ").split(/\s+/).filter(Boolean);
      lines.push(
        `stonith_host fox ${type} ${(names.length > 0 ? names : ["owl"]).map((name) => `x-${name}`).join(" ")}`,
      );
    }
    const haCf = fox.read("/etc/ha.d/ha.cf");
    await fox.write("/etc/ha.d/ha.cf", `${haCf}${lines.join("\n")}\n`, "600");
    const { code, stdout } = await lab.heartbeat("fox", ["fence", "list", "--json"]);
    assert.equal(code, 0, stdout);
    const listed = (JSON.parse(stdout) as { readonly type: string }[]).map(({ type }) => type);
    assert.deepEqual(listed.sort(), [...types].sort());
    t.diagnostic(`${types.length} types: ${types.join(" ")}`);
  });
