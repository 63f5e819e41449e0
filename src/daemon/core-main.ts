/**
 * The core process. Everything but the bare necessities is loaded inside a `try`, so that even a broken installation reaches the launcher
 * as a sentence.
 *
 * Before anything else the runner of a core that died is told that the next one is here: it waits no longer than it must (quirk 112), and
 * loading the rest takes time.
 */
import { parseArgs } from "node:util";
import { Signals } from "./signals.ts";
import { reportOption, StartReporter } from "./start-report.ts";

const signals = new Signals();
const reporter = new StartReporter(process.argv.includes(reportOption));

try {
  const { values } = parseArgs({
    options: {
      debug: { type: "string", default: "0" },
      "no-realtime": { type: "boolean", default: false },
      "no-resources": { type: "boolean", default: false },
      report: { type: "boolean", default: false },
      root: { type: "string", default: "" },
      supervised: { type: "boolean", default: false },
    },
  });
  const [{ callRunner }, { pathsBelow }] = await Promise.all([
    import("../drivers/former-runner.ts"),
    import("./paths.ts"),
  ]);
  const formerRunner = callRunner(pathsBelow(values.root).runner);
  const { startCore } = await import("./assemble.ts");
  await startCore(
    {
      root: values.root,
      debug: Number(values.debug),
      realtime: !values["no-realtime"],
      managesResources: !values["no-resources"],
      supervised: values.supervised,
    },
    signals,
    reporter,
    formerRunner,
  );
} catch (error) {
  const says = error instanceof Error ? (error.stack ?? error.message) : String(error);
  reporter.report({ started: false, code: 1, says: [`The daemon cannot be put together: ${says}`] });
  process.exit(1);
}
