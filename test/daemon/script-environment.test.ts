import assert from "node:assert/strict";
import test from "node:test";
import { milliseconds, nodeName, seconds } from "../../src/base/units.ts";
import type { ClusterConfig } from "../../src/config/cluster-config.ts";
import { scriptEnvironment } from "../../src/daemon/script-environment.ts";

const owl: ClusterConfig = {
  localNode: nodeName("owl"),
  nodes: [nodeName("fox"), nodeName("owl")],
  nodeTable: [nodeName("fox"), nodeName("owl")],
  autojoin: "none",
  managesResources: true,
  media: [],
  keepalive: seconds(1),
  deadtime: seconds(10),
  warntime: seconds(5),
  initdead: seconds(20),
  deadping: seconds(10),
  hopfudge: 1,
  autoFailback: "on",
  messageFormat: "classic",
  compression: { method: "zlib", threshold: 2048, whole: false },
  maxRetransmitDelay: milliseconds(250),
  generationMethod: "file",
  uuidFrom: "file",
  realtime: true,
  rtprio: 1,
  logging: {
    facility: "local0",
    logfile: "/var/log/ha-log",
    useLogd: false,
    syslogMessageFormat: true,
    badPackets: true,
    debug: 0,
  },
  keys: { active: 1, entries: new Map([[1, { method: "sha1", text: "secret" }]]) },
  groups: [],
  parameters: new Map([
    ["keepalive", "1000ms"],
    ["debug", "0"],
  ]),
  environment: new Map([["MYVAR", "hello"]]),
  apiAuth: new Map(),
  children: [],
  builtIns: [],
  fencing: { devices: [], armed: [] },
};

test("scripts find the original's variables", () => {
  assert.deepEqual(scriptEnvironment(owl, 2, ""), {
    HA_keepalive: "1000ms",
    HA_debug: "2", // follows SIGUSR1, not ha.cf
    HA_MYVAR: "hello",
    HA_CURHOST: "owl",
    HA_DIR: "/etc/ha.d/",
    HA_FUNCS: "/etc/ha.d/shellfuncs",
    HA_DATEFMT: "%Y/%m/%d_%T\t",
    HA_LOGFILE: "/var/log/ha-log",
    HA_DEBUGLOG: "",
    HA_LOGD: "no",
    HA_LOGFACILITY: "local0",
    HA_COMPRESSION: "zlib",
    OCF_ROOT: "/usr/lib/ocf",
  });
});

test("no facility, no variable; the named compression is told", () => {
  const { facility: _none, ...logging } = owl.logging;
  const environment = scriptEnvironment(
    { ...owl, logging, parameters: new Map([["compression", "bz2"]]) },
    0,
    "/tmp/owl",
  );
  assert.equal("HA_LOGFACILITY" in environment, false);
  assert.equal(environment["HA_COMPRESSION"], "bz2");
  assert.equal(environment["HA_LOGFILE"], "/tmp/owl/var/log/ha-log");
  assert.equal(JSON.stringify(environment).includes("secret"), false);
});
