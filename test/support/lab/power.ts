/**
 * A power switch for the laboratory: a fencing device of cluster-glue and a fence agent, whose orders cut a machine's power. The test process is
 * the switch itself, because no node can see another's processes; the programs on the nodes only ask it and wait.
 *
 * A node's device does what /etc/ha.d/power-mode on that node says: `works` (also without the file), `fails`, `hangs`.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Lab } from "../lab.ts";

const orders = "/run/power";
const callsFile = "/var/log/power-calls";
const modeFile = "/etc/ha.d/power-mode";

const ask = `
ask() {
  mode=works
  [ ! -e ${modeFile} ] || read mode < ${modeFile}
  read uptime idle < /proc/uptime
  echo "$uptime $1 $mode" >> ${callsFile}
  case $mode in
  fails) echo "no answer from the switch, password $secret"; exit 1 ;;
  hangs) sleep 86400 ;;
  esac
  mkdir -p ${orders}
  echo "$1" > ${orders}/$$.new
  mv ${orders}/$$.new ${orders}/$$.order
  while [ ! -e ${orders}/$$.done ]; do sleep 0.05; done
  exit 0
}
`;

const plugin = `#!/bin/sh
${ask}
case $1 in
getconfignames) echo hostlist secret ;;
gethosts) echo "$hostlist" | tr , ' ' ;;
getinfo-*) echo "power switch of the laboratory" ;;
status) exit 0 ;;
reset) ask "$2" ;;
*) exit 1 ;;
esac
`;

const agent = `#!/bin/sh
${ask}
while IFS='=' read -r name value; do
  case $name in
  action) action=$value ;;
  nodename) node=$value ;;
  secret) secret=$value ;;
  esac
done
[ "$action" = reboot ] || exit 0
ask "$node"
`;

export type PowerMode = "works" | "fails" | "hangs";

export class Power implements Disposable {
  readonly #lab: Lab;
  readonly #names: readonly string[];
  readonly #seen = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  /** Machines whose power was cut, in order. */
  readonly cuts: string[] = [];

  private constructor(lab: Lab) {
    this.#lab = lab;
    this.#names = Object.keys(lab.settings.nodes);
    this.#timer = setInterval(() => this.#look(), 20);
    this.#timer.unref();
  }

  /** Puts the programs onto the nodes. */
  static async install(lab: Lab): Promise<Power> {
    for (const name of Object.keys(lab.settings.nodes)) {
      await lab.machine(name).write("/usr/lib/stonith/plugins/external/power", plugin, "755");
      await lab.machine(name).write("/usr/sbin/fence_power", agent, "755");
    }
    return new Power(lab);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  set(node: string, mode: PowerMode): Promise<void> {
    return this.#lab.machine(node).write(modeFile, `${mode}\n`);
  }

  /** What a node asked of its device: lines of `UPTIME VICTIM MODE`. */
  calls(node: string): string[] {
    return this.#lab.machine(node).read(callsFile).split("\n").slice(0, -1);
  }

  #look(): void {
    for (const name of this.#names) {
      const folder = `/proc/${this.#lab.machine(name).pid}/root${orders}`;
      if (!this.#lab.machine(name).isOn || !existsSync(folder)) continue;
      for (const file of readdirSync(folder).filter((each) => each.endsWith(".order"))) {
        const victim = readFileSync(`${folder}/${file}`, "utf8").trim();
        const key = `${this.#lab.machine(name).pid} ${file}`;
        if (this.#seen.has(key)) continue;
        this.#seen.add(key);
        void this.#cut(victim).then(() =>
          this.#lab.machine(name).isOn
            ? this.#lab.machine(name).write(`${orders}/${file.replace(".order", ".done")}`, "")
            : undefined,
        );
      }
    }
  }

  async #cut(victim: string): Promise<void> {
    this.cuts.push(victim);
    if (this.#lab.machine(victim).isOn) await this.#lab.crash(victim);
  }
}
