// Owns the proof that a panel's page ends in the kernel's state, whatever is lost, doubled or late.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EntryData, PanelIncoming, PanelMessage } from "../../src/protocol/panel";
import { EMPTY_PANEL, reducePanel, type PanelState } from "../../src/protocol/reduce_panel";
import { EMPTY_TURN } from "../../src/protocol/reduce_turn";

const HEAD = { ...EMPTY_PANEL.head, title: "Chat" };
const entry = (id: string, text = ""): EntryData => ({
  id,
  question: `question ${id}`,
  at: "2026-01-01T00:00:00+00:00",
  seq: 0,
  turn: { ...EMPTY_TURN, parts: text === "" ? [] : [{ type: "text", text, format: "markdown" }] },
  versions: [id],
});
const panel = (seq: number, ids: string[], fields: Partial<PanelMessage> = {}): PanelMessage => ({
  kind: "panel",
  seq,
  epoch: 0,
  head: HEAD,
  order: ids.map((id) => [id, [id]] as const),
  left: 0,
  entries: [],
  ...fields,
});
const say = (id: string, seq: number, text: string): PanelIncoming => ({
  kind: "turn",
  id,
  message: { kind: "delta", seq, ops: [["text", text]] },
});
const run = (...messages: PanelIncoming[]): PanelState => messages.reduce(reducePanel, EMPTY_PANEL);
const whole = (seq: number, ...ids: string[]): PanelMessage => panel(seq, ids, { whole: true, entries: ids.map((id) => entry(id)) });
const textOf = (state: PanelState, id: string): unknown => {
  const part = state.entries.get(id)?.state.turn.parts[0];
  return part?.type === "text" ? part.text : undefined;
};

test("a new turn and its stream are shown", () => {
  const state = run(whole(3, "t1"), panel(4, ["t1", "t2"], { entries: [entry("t2")] }), say("t2", 1, "Hel"), say("t2", 2, "lo"));
  assert.deepEqual(state.order, ["t1", "t2"]);
  assert.equal(textOf(state, "t2"), "Hello");
  assert.equal(state.lost, false);
});

test("nothing counts before the whole has come", () => {
  const state = run(panel(4, ["t1"], { entries: [entry("t1")] }), say("t1", 1, "x"));
  assert.equal(state.have, null);
  assert.equal(state.order.length, 0);
});

test("a missed message of the panel is noticed and healed by the whole", () => {
  const lost = run(whole(3, "t1"), panel(5, ["t1", "t2"], { entries: [entry("t2")] }));
  assert.equal(lost.lost, true);
  const healed = reducePanel(lost, whole(5, "t1", "t2"));
  assert.equal(healed.lost, false);
  assert.deepEqual(healed.order, ["t1", "t2"]);
});

test("a missed delta makes only its turn ask again", () => {
  const state = run(whole(3, "t1"), say("t1", 2, "late"));
  assert.equal(state.lost, false);
  assert.equal(state.entries.get("t1")?.state.lost, true);
});

test("what comes twice changes nothing", () => {
  const once = run(whole(3, "t1"), say("t1", 1, "x"));
  assert.equal(reducePanel(once, say("t1", 1, "x")), once);
  assert.equal(reducePanel(once, panel(3, ["t1"])), once);
});

test("an unknown turn in the order, or in a stream, asks for the whole", () => {
  assert.equal(run(whole(3, "t1"), panel(4, ["t1", "t9"])).lost, true);
  assert.equal(run(whole(3, "t1"), say("t9", 1, "x")).lost, true);
});

test("older turns stay while the path grows, and go with another branch", () => {
  const start = panel(0, ["t5"], { whole: true, left: 4, entries: [entry("t5")] });
  const older: PanelIncoming = { kind: "older", before: "t5", epoch: 0, left: 2, entries: [entry("t3"), entry("t4")] };
  const grown = run(start, older, panel(1, ["t5", "t6"], { left: 4, entries: [entry("t6")] }));
  assert.deepEqual(grown.order, ["t3", "t4", "t5", "t6"]);
  assert.equal(grown.left, 2);
  const other = reducePanel(grown, panel(2, ["t5", "t7"], { left: 4, epoch: 1, entries: [entry("t7")] }));
  assert.deepEqual(other.order, ["t5", "t7"]);
  assert.equal(other.left, 4);
});

test("a late answer about older turns of another branch is ignored", () => {
  const state = run(panel(0, ["t5"], { whole: true, left: 1, epoch: 2, entries: [entry("t5")] }));
  assert.equal(reducePanel(state, { kind: "older", before: "t5", epoch: 1, left: 0, entries: [entry("t1")] }), state);
});

test("a whole that is older than what came since does not go back", () => {
  const state = run(whole(3, "t1"), say("t1", 1, "Hel"), say("t1", 2, "lo"), whole(3, "t1"));
  assert.equal(textOf(state, "t1"), "Hello");
});
