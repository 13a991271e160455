import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY_TURN, INITIAL, reduce, type State } from "../../src/protocol/reduce_turn";
import type { Delta, Incoming, Op, Turn } from "../../src/protocol/turn";

const snapshot = (seq: number, turn: Partial<Turn> = {}): Incoming => ({ kind: "snapshot", seq, turn: { ...EMPTY_TURN, ...turn } });
const delta = (seq: number, ...ops: Op[]): Delta => ({ kind: "delta", seq, ops });
const run = (...messages: Incoming[]): State => messages.reduce(reduce, INITIAL);

function random(seed: number): () => number {
  return () => ((seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31);
}

test("text is appended to the last text part", () => {
  const { turn } = run(snapshot(0), delta(1, ["text", "a"]), delta(2, ["text", "b"], ["text", "c"]));
  assert.deepEqual(turn.parts, [{ type: "text", text: "abc", format: "markdown" }]);
});

test("every op does what the protocol says", () => {
  const { turn, format } = run(
    snapshot(0),
    delta(1, ["format", "json"], ["thinking", "hm"], ["thinking", "m"], ["thinking_end"]),
    delta(2, ["tool", "t1", "plot"], ["args", "t1", "{}"], ["tool_status", "t1", { status: "done", result: "ok" }]),
    delta(3, ["progress", "weights", 1, 10], ["progress", "weights", 2, 10], ["notice", "wait"], ["notice", "more"]),
    delta(4, ["text", "x"], ["footer", { model: "m" }], ["footer", { cost_usd: 1 }], ["status", "done"], ["elapsed", 7]),
    delta(5, ["error", { title: "t", message: "m" }]),
  );
  assert.equal(format, "json");
  assert.deepEqual(turn, {
    status: "done",
    parts: [
      { type: "thinking", text: "hmm", done: true },
      { type: "tool", id: "t1", name: "plot", input_text: "{}", status: "done", result: "ok" },
      { type: "text", text: "x", format: "json" },
    ],
    footer: { model: "m", cost_usd: 1 },
    error: { title: "t", message: "m" },
    elapsed_ms: 7,
  });
});

test("a notice or a progress stays until something comes, or the turn ends", () => {
  const last = (...ops: Op[]) => run(snapshot(0), delta(1, ...ops)).turn.parts.at(-1)?.type;
  for (const op of [["notice", "wait"], ["progress", "weights", 2, 10]] as const) {
    assert.equal(last(op, ["footer", {}], ["status", "streaming"]), op[0]);
    assert.equal(last(op, ["text", "x"]), "text");
    for (const status of ["done", "interrupted", "error"] as const) assert.equal(last(op, ["status", status]), undefined);
  }
  assert.equal(last(["progress", "weights", 2, 10], ["notice", "wait"]), "notice");
});

test("a step begins, ends with its usage, and is followed by the next", () => {
  const { turn } = run(
    snapshot(0),
    delta(1, ["step", "draft", 0], ["text", "a"], ["step_end", { status: "done", output_tokens: 2, elapsed_ms: 9 }]),
    delta(2, ["step", "final", 9], ["text", "b"], ["notice", "wait"]),
    delta(3, ["step_end", { status: "error" }]),
  );
  assert.deepEqual(turn.parts, [
    { type: "step", title: "draft", status: "done", began_ms: 0, output_tokens: 2, elapsed_ms: 9 },
    { type: "text", text: "a", format: "markdown" },
    { type: "step", title: "final", status: "error", began_ms: 9 },
    { type: "text", text: "b", format: "markdown" },
  ]);
});

test("a value takes the place of its step's text, and of no other's", () => {
  const { turn } = run(
    snapshot(0),
    delta(1, ["step", "one", 0], ["text", "kept"], ["step", "two", 1], ["text", "[1"], ["thinking", "hm"], ["text", "]"]),
    delta(2, ["value", "- 1", "markdown"]),
  );
  assert.deepEqual(
    turn.parts.map((part) => (part.type === "text" ? part.text : part.type)),
    ["step", "kept", "step", "", "thinking", "- 1"],
  );
  assert.deepEqual(turn.parts.at(-1), { type: "text", text: "- 1", format: "markdown", value: true });
});

test("a value without a text or a step is a part of its own", () => {
  const { turn } = run(snapshot(0), delta(1, ["progress", "rows", 1, 2, "rows"]), delta(2, ["value", "x", "text"]));
  assert.deepEqual(turn.parts, [{ type: "text", text: "x", format: "text", value: true }]);
});

test("the end of a step without a step changes nothing", () => {
  const state = run(snapshot(0), delta(1, ["text", "a"]));
  assert.deepEqual(reduce(state, delta(2, ["step_end", { status: "error" }])).turn, state.turn);
});

test("an empty notice takes the notice away", () => {
  assert.deepEqual(run(snapshot(0), delta(1, ["notice", "x"]), delta(2, ["notice", ""])).turn.parts, []);
});

test("a duplicate or late delta changes nothing", () => {
  const state = run(snapshot(0), delta(1, ["text", "a"]));
  assert.equal(reduce(state, delta(1, ["text", "a"])), state);
  assert.equal(reduce(state, delta(0, ["text", "a"])), state);
});

test("a gap asks for a snapshot, and deltas wait for it", () => {
  const lost = run(snapshot(0), delta(2, ["text", "b"]), delta(1, ["text", "a"]));
  assert.equal(lost.lost, true);
  assert.deepEqual(lost.turn.parts, []);
  const healed = reduce(lost, snapshot(2, { parts: [{ type: "text", text: "ab", format: "markdown" }] }));
  assert.equal(healed.lost, false);
  assert.equal(healed.have, 2);
});

test("a tick tells of a lost last delta", () => {
  assert.equal(run(snapshot(3), { kind: "tick", seq: 3, elapsed_ms: 5 }).lost, false);
  assert.equal(run(snapshot(3), { kind: "tick", seq: 4, elapsed_ms: 5 }).lost, true);
});

test("an older snapshot is ignored", () => {
  const state = run(snapshot(5));
  assert.equal(reduce(state, snapshot(4)), state);
});

test("an unknown kind or op is ignored", () => {
  const state = run(snapshot(0), { kind: "delta", seq: 1, ops: [["later"] as unknown as Op, ["text", "a"]] });
  assert.equal(state.turn.parts.length, 1);
  assert.equal(reduce(state, { kind: "other" } as unknown as Incoming), state);
});

test("reduce changes none of its arguments", () => {
  const frozen = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  };
  let state = run(snapshot(0), delta(1, ["text", "a"], ["tool", "t", "n"]));
  frozen(state);
  state = reduce(state, delta(2, ["args", "t", "x"], ["text", "b"], ["footer", { model: "m" }]));
  assert.equal(state.turn.parts.length, 3);
});

for (let seed = 1; seed <= 40; seed++) {
  test(`30 % of the messages lost, some doubled or late: attach heals it (seed ${seed})`, () => {
    const chance = random(seed);
    let truth = reduce(INITIAL, snapshot(0));
    let view = INITIAL;
    for (let seq = 1; seq <= 200; seq++) {
      const message = delta(seq, ["text", `${seq} `], ...(seq % 50 === 0 ? ([["thinking", "x"]] as Op[]) : []));
      truth = reduce(truth, message);
      if (chance() > 0.3) view = reduce(view, message);
      if (chance() < 0.1) view = reduce(view, message);
      if (view.lost && chance() > 0.3) view = reduce(view, { kind: "snapshot", seq: truth.have!, turn: truth.turn });
    }
    view = reduce(view, { kind: "tick", seq: truth.have!, elapsed_ms: 0 });
    if (view.lost) view = reduce(view, { kind: "snapshot", seq: truth.have!, turn: truth.turn });
    assert.deepEqual(view.turn, truth.turn);
  });
}
