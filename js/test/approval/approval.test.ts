import assert from "node:assert/strict";
import { test } from "node:test";
import { escapeJson, readRows } from "../../src/approval/arguments";
import { describeDecision } from "../../src/approval/decided";
import { EMPTY_TURN, INITIAL, reduce } from "../../src/protocol/reduce_turn";
import type { Incoming, ToolChange, ToolPart } from "../../src/protocol/turn";
import { diffLines } from "../../src/text/diff";
import { visibleLines } from "../../src/text/hazards";

const QUESTION = { state: "waiting", digest: "d1", text: "{}", can_always: true } as const;

function toolAfter(...changes: ToolChange[]): ToolPart {
  const messages: Incoming[] = [
    { kind: "snapshot", seq: 0, turn: EMPTY_TURN },
    { kind: "delta", seq: 1, ops: [["tool", "t", "n"], ["tool_status", "t", { status: "waiting", approval: QUESTION }]] },
    ...changes.map((change, at) => ({ kind: "delta", seq: at + 2, ops: [["tool_status", "t", change]] }) as Incoming),
  ];
  return messages.reduce(reduce, INITIAL).turn.parts[0] as ToolPart;
}

test("a decision is merged into what was asked", () => {
  const tool = toolAfter({ approval: { state: "approved", decided_by: "click" } });
  assert.deepEqual(tool.approval, { ...QUESTION, state: "approved", decided_by: "click" });
});

test("a decision takes the note away, and a later one stays", () => {
  const note = { note: "must be a number" };
  const denied: ToolChange = { approval: { state: "denied" } };
  assert.equal(toolAfter(note).note, "must be a number");
  assert.equal(toolAfter(note, denied).note, null);
  assert.equal(toolAfter(note, denied, { note: "too late" }).note, "too late");
  assert.equal(toolAfter(note, { status: "waiting" }).note, "must be a number");
});

test("rows hold each value as it stands in the text", () => {
  const text = JSON.stringify({ b: "x, \"y\": {]", a: [1, { c: "}" }], n: null, e: {}, s: "" }, null, 2);
  const big = text.replace("null", "12345678901234567890.10");
  assert.deepEqual(readRows(big), [
    { key: "b", source: JSON.stringify("x, \"y\": {]") },
    { key: "a", source: "[\n    1,\n    {\n      \"c\": \"}\"\n    }\n  ]" },
    { key: "n", source: "12345678901234567890.10" },
    { key: "e", source: "{}" },
    { key: "s", source: '""' },
  ]);
});

test("rows of names that JavaScript treats specially are rows like others", () => {
  const rows = readRows('{"__proto__": 1, "constructor": 2, "1": 3, "0": 4, "": 5}');
  assert.deepEqual(rows?.map(({ key, source }) => `${key}=${source}`), ["__proto__=1", "constructor=2", "1=3", "0=4", "=5"]);
});

test("what is no object has no rows", () => {
  assert.deepEqual(readRows("{}"), []);
  for (const text of ["", "[1]", "null", "3", '{"a": 1', '{"a": 1} x', "'{}'"]) assert.equal(readRows(text), null, text);
});

test("rows of random objects give back every key and value", () => {
  let seed = 7;
  const pick = (n: number): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % n;
  const word = (): string => Array.from({ length: pick(6) }, () => ['"', "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "x", "\u202E"][pick(12)]).join("");
  const value = (depth: number): unknown => {
    const kind = pick(depth > 3 ? 4 : 6);
    if (kind === 4) return Array.from({ length: pick(3) }, () => value(depth + 1));
    if (kind === 5) return Object.fromEntries(Array.from({ length: pick(3) }, () => [`k${word()}`, value(depth + 1)]));
    return [word(), pick(99) - 50, true, null][kind];
  };
  for (let turn = 0; turn < 500; turn++) {
    const object = Object.fromEntries(Array.from({ length: pick(5) }, () => [`k${word()}`, value(0)]));
    for (const text of [JSON.stringify(object), JSON.stringify(object, null, 2)]) {
      const rows = readRows(text)!.map(({ key, source }) => [key, JSON.parse(source)]);
      assert.deepEqual(rows, Object.entries(object));
    }
  }
});

test("JSON for the editor means the same and hides nothing", () => {
  const value = { a: "\u202E\u{E0041}\u200B\u00A0 x\u2028" };
  const shown = escapeJson(JSON.stringify(value, null, 2));
  assert.deepEqual(JSON.parse(shown), value);
  assert.equal(visibleLines(shown), shown);
});

test("a difference gives back both texts", () => {
  let seed = 3;
  const pick = (n: number): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % n;
  const make = (): string => Array.from({ length: pick(12) }, () => "abc"[pick(3)]).join("\n");
  for (let turn = 0; turn < 500; turn++) {
    const [a, b] = [make(), make()];
    const lines = diffLines(a, b);
    const side = (hidden: string): string => lines.filter(({ kind }) => kind !== hidden).map(({ text }) => text).join("\n");
    assert.equal(side("new"), a);
    assert.equal(side("old"), b);
    if (a === b) assert.ok(lines.every(({ kind }) => kind === "same"));
  }
});

test("one changed line is one old and one new line", () => {
  assert.deepEqual(diffLines("{\n1\n}", "{\n2\n}").map(({ kind }) => kind), ["same", "old", "new", "same"]);
});

test("a long difference is shown as replaced whole, not computed for ever", () => {
  const side = (mark: string): string => Array.from({ length: 5000 }, (_, n) => `${mark}${n}`).join("\n");
  assert.equal(diffLines(side("a"), side("b")).length, 10_000);
});

test("a decision reads as one line", () => {
  const decided_at = new Date(2026, 10, 23, 12, 3, 5).toISOString();
  assert.equal(describeDecision({ state: "approved", decided_by: "click", decided_at }), "Approved by click · 12:03:05");
  assert.equal(describeDecision({ state: "denied", decided_by: "click", reason: "no\u202E" }), "Denied: no\\u{202E} · by click");
  assert.equal(describeDecision({ state: "denied", decided_by: "timeout" }), "Denied by the time limit");
  assert.equal(describeDecision({ state: "denied", decided_by: "constructor" }), "Denied by constructor");
  assert.equal(describeDecision({ state: "approved", edited_text: "{}" }), "Approved with changed arguments");
});
