/** stonith and stonith_host: devices that can switch another node off. */
import { nearest } from "../../base/registry.ts";
import { lineDirective } from "../../syntax/directive.ts";
import { foldAscii, shown } from "../../syntax/text.ts";
import type { Scope } from "../draft.ts";

/** Device types of cluster-glue 1.0.12; `external/` and `rhcs/` stand for scripts, which cannot be listed. */
const types = [
  "apcmaster",
  "apcmastersnmp",
  "apcsmart",
  "baytech",
  "bladehpi",
  "cyclades",
  "drac3",
  "ibmhmc",
  "ipmilan",
  "meatware",
  "null",
  "nw_rpc100s",
  "rcd_serial",
  "rps10",
  "ssh",
  "suicide",
  "vacm",
  "wti_mpc",
  "wti_nps",
];
const isType = (text: string): boolean => types.includes(text) || /^(external|rhcs)\/./.test(text);

const typeHelp = (text: string): string => {
  const near = text.length > 20 ? undefined : nearest(text, types);
  return near === undefined ? `known types: ${types.join(", ")}, external/NAME, rhcs/NAME` : `did you mean ${near}?`;
};

const hostMax = 99;

function replacesEarlier({ draft, report }: Scope, at: Parameters<typeof report.add>[1]): void {
  const earlier = draft.kept.find((line) => line.directive.startsWith("stonith"));
  if (earlier)
    report.add(
      "HB0612",
      at,
      `tried after the device of line ${earlier.at.line}, which 3.0.6 forgets`,
      "with 3.0.6 on a node of the cluster keep one line for it",
    );
}

export const stonith = lineDirective({
  name: "stonith",
  form: "TYPE FILE",
  legal: "a device type, and a file with its parameters",
  summary: "The device that switches other nodes off, with its parameters in a file.",
  details:
    "stonith -L lists the types. Several lines are tried in turn. Nothing of a silent node is taken before a device has switched it off.",
  example: "stonith external/ipmi /etc/ha.d/ipmi.cfg",
  apply(scope: Scope, [type], at) {
    const { draft, facts, report } = scope;
    if (type === undefined) {
      report.add("HB0613", at, "No Stonith type given", "write: stonith TYPE FILE");
      return false;
    }
    if (!isType(type.text)) {
      report.add("HB0614", type, `Invalid Stonith type [${shown(type.text)}]`, () => typeHelp(type.text));
      return false;
    }
    const file = at.rest.slice(type.text.length).trim();
    if (file === "" || facts.fileKind(file) === "missing") {
      report.add(
        "HB0615",
        at,
        `Cannot open ${shown(file)}: Invalid Stonith config file [${shown(file)}]`,
        "write the full path of the file with the device's parameters",
      );
      return false;
    }
    replacesEarlier(scope, at);
    draft.kept.push({ directive: "stonith", text: `${type.text} ${file}`, at });
    return true;
  },
});

export const stonithHost = lineDirective({
  name: "stonith_host",
  form: "NODE|* TYPE PARAMETER...",
  legal: "the node that has access to the device or * for all, a device type and its parameters",
  summary: "A device that switches other nodes off, and which node can reach it.",
  details:
    "Lines for other nodes are read on those nodes. Several for one node are tried in turn. A file with passwords is for root alone.",
  example: "stonith_host * external/ipmi bob 10.0.0.12 admin secret lan",
  apply(scope: Scope, [host, type], at) {
    const { draft, facts, report } = scope;
    if (host === undefined) {
      report.add("HB0613", at, "No Stonith hostname argument given", "write: stonith_host NODE TYPE PARAMETER...");
      return false;
    }
    if (host.text.length > hostMax) {
      report.add("HB0613", host, "Stonith hostname too long", `at most ${hostMax} bytes`);
      return false;
    }
    const mine = host.text === "*" || foldAscii(host.text) === foldAscii(facts.nodeinfo ?? facts.uname);
    if (mine && type === undefined) {
      report.add("HB0613", at, "No Stonith type given", "write: stonith_host NODE TYPE PARAMETER...");
      return false;
    }
    if (type === undefined || !isType(type.text)) {
      const said = `Invalid Stonith type [${shown(type?.text ?? "")}]`;
      if (mine) report.add("HB0614", type ?? at, said, () => typeHelp(type?.text ?? ""));
      else
        report.add("HB0616", type ?? at, `${said}: node ${shown(host.text)} will refuse this file`, () =>
          typeHelp(type?.text ?? ""),
        );
      if (mine) return false;
    } else {
      const parameters = at.rest.slice(at.rest.indexOf(type.text, host.text.length) + type.text.length).trim();
      if (parameters === "" && mine && type.text !== "suicide") {
        report.add(
          "HB0615",
          at,
          "Invalid Stonith configuration parameter []",
          `give the device's parameters; stonith -t ${type.text} -h explains them`,
        );
        return false;
      }
    }
    if (mine) replacesEarlier(scope, at);
    draft.kept.push({ directive: "stonith_host", text: at.rest, at });
    return true;
  },
});
