/** What each program writes to the control FIFO, word by word (files-and-cli.md, section 3). */
import assert from "node:assert/strict";
import test from "node:test";
import { hbAddnode, hbDelnode, hbSetsite, hbSetweight } from "../../src/cli/hb-nodes.ts";
import { hbStandby } from "../../src/cli/hb-standby.ts";
import { hbTakeover } from "../../src/cli/hb-takeover.ts";

const rows = [
  [hbStandby, "", "t=ask_resources rsc_hold=all info=me"],
  [hbStandby, "foreign", "t=ask_resources rsc_hold=foreign info=me"],
  [hbStandby, "failback", "t=ask_resources rsc_hold=foreign info=me"],
  [hbStandby, "local", "t=ask_resources rsc_hold=local info=me"],
  [hbTakeover, "", "t=hb_takeover rsc_hold=all"],
  [hbTakeover, "failback", "t=hb_takeover rsc_hold=failback"],
  [hbAddnode, "c d", "t=addnode nodelist=c d"],
  [hbDelnode, "c", "t=delnode nodelist=c"],
  [hbSetweight, "b 42", "t=setweight node=b weight=42"],
  [hbSetsite, "b paris", "t=setsite node=b site=paris"],
] as const;

for (const [program, words, message] of rows)
  test(`${program.name} ${words}`, () => {
    const order = program.order(words.split(" ").filter(Boolean), { calledAs: program.name });
    assert.equal(order.ok && order.value.fields.map(([name, value]) => `${name}=${value}`).join(" "), message);
  });
