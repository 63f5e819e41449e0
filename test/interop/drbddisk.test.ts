/**
 * The script that drbd-utils brings for haresources, unmodified. DRBD itself needs a kernel module, so a stand-in of `drbdadm` keeps the role
 * of each node as DRBD does: it is lost with the power, and now and then it refuses at first.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

type Kind = "original" | "ours";

const calls = "/var/log/drbdadm";
const role = "/run/drbd-r0";
/** The number of attempts that `primary` refuses, as DRBD does while it believes the peer to be there. */
const refusals = "/etc/drbd-refuses";
const drbdadm = `#!/bin/sh
read uptime idle < /proc/uptime
refusals=0
[ ! -e ${refusals} ] || read refusals < ${refusals}
case $1 in
role) if [ -e ${role} ]; then echo Primary/Unknown; else echo Secondary/Unknown; fi ;;
primary)
	if [ "$refusals" -gt 0 ]; then
		echo "$uptime refused" >> ${calls}
		echo $((refusals - 1)) > ${refusals}
		exit 17
	fi
	echo "$uptime primary" >> ${calls}
	: > ${role} ;;
secondary)
	echo "$uptime secondary" >> ${calls}
	rm -f ${role} ;;
*) exit 20 ;;
esac
`;

async function live(fox: Kind, owl: Kind): Promise<void> {
  await using lab = await Lab.create({
    nodes: { fox, owl },
    haCf: ["auto_failback off"],
    haresources: "fox drbddisk::r0 svcA",
    services: ["svcA"],
  });
  for (const node of ["fox", "owl"]) await lab.machine(node).write("/sbin/drbdadm", drbdadm, "755");
  const isPrimary = (node: string): boolean => lab.machine(node).has(role);
  const saw: string[] = []; // of each moment in which both were primary
  const isAt = (there: string, other: string): boolean => {
    if (isPrimary("fox") && isPrimary("owl") && isPrimary("fox")) saw.push(`at ${process.uptime()}`);
    const here = isPrimary(there) && lab.runs(there, "svcA");
    return here && !(lab.machine(other).isOn && (isPrimary(other) || lab.runs(other, "svcA")));
  };
  /** Time and word of each change of a role, since so many lines of the node. */
  const changes = (node: string, since = 0): [at: number, what: string][] =>
    lab
      .machine(node)
      .read(calls)
      .split("\n")
      .slice(since, -1)
      .map((line) => [Number.parseFloat(line), line.split(" ")[1] ?? ""]);
  const words = (node: string): string[] => changes(node).map(([, what]) => what);
  const at = (node: string, what: string): number => changes(node).find(([, each]) => each === what)?.[0] ?? Number.NaN;
  const serviceAt = (node: string, action: string): number =>
    Number.parseFloat(lab.calls(node).find((line) => line.endsWith(` svcA ${action}`)) ?? "");

  await lab.start();
  await lab.until("fox is primary and runs the service", () => isAt("fox", "owl"), 60);
  assert.ok(at("fox", "primary") <= serviceAt("fox", "start"), "first the disk, then the service");

  await lab.tool("fox", "hb_standby", "all");
  await lab.until("owl is, after the stand-by", () => isAt("owl", "fox"), 60);
  assert.ok(serviceAt("fox", "stop") <= at("fox", "secondary"), "first the service, then the disk");
  assert.ok(at("fox", "secondary") <= at("owl", "primary"), "the giver goes first");

  await lab.machine("fox").write(refusals, "2\n");
  await lab.crash("owl");
  await lab.until("fox is, after DRBD refused twice", () => isAt("fox", "owl"), 60);
  assert.deepEqual(words("fox").slice(-3), ["refused", "refused", "primary"], "the script tries again itself");
  assert.deepEqual(words("owl"), ["primary"]);
  assert.deepEqual(saw, [], "never both");
}

const pairs: readonly (readonly [Kind, Kind])[] = [
  ["ours", "ours"],
  ["original", "original"],
  ["original", "ours"],
  ["ours", "original"],
];

for (const pair of rows(pairs, (row) => row === pairs[0]))
  test(`drbddisk at ${pair.join(" and ")}`, { timeout: 240_000 }, () => live(...pair));
