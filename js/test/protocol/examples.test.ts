// Holds the page to the examples that lauren_nb/_protocol.py is held to; check.mjs holds the types to them.
import assert from "node:assert/strict";
import { test } from "node:test";
import json from "../../../tests/protocol.json";
import { isPanelMessage } from "../../src/protocol/panel";
import { EMPTY_PANEL, reducePanel } from "../../src/protocol/reduce_panel";
import { INITIAL, reduce } from "../../src/protocol/reduce_turn";
import type { Incoming } from "../../src/protocol/turn";
import type { Examples } from "./examples";

const { cell, panel } = json as unknown as Examples;

/** Without members that are null: they mean the same as those that are not there. */
function known(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, member: unknown) => member ?? undefined));
}

test("the page makes of the examples' operations what the kernel makes of them", () => {
  const messages = cell.to_page.filter((message): message is Incoming => message.kind !== "rest");
  const state = messages.reduce(reduce, INITIAL);
  assert.equal(state.lost, false);
  assert.deepEqual(known(state.turn), known(cell.turn));
});

test("a snapshot of the whole draws the same as its operations", () => {
  const state = reduce(INITIAL, { kind: "snapshot", seq: 3, turn: cell.turn });
  assert.deepEqual(known(state.turn), known(cell.turn));
});

test("the panel takes every example", () => {
  for (const message of panel.to_page) assert.equal(isPanelMessage(message), true, message.kind);
  const state = panel.to_page.reduce(reducePanel, EMPTY_PANEL);
  assert.deepEqual([state.lost, state.have, state.left, state.order], [false, 8, 0, ["t0", "t1", "t2"]]);
  assert.equal(state.head.cost_usd, 0.002);
  const { turn } = state.entries.get("t2")!.state;
  assert.deepEqual(turn.parts, [{ type: "text", text: "Two columns.", format: "markdown" }]);
  assert.equal(turn.status, "done");
});
