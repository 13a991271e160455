// Holds the page to the cases that lauren_nb/_display/answer_fence.py is held to, however the answer is cut.
import assert from "node:assert/strict";
import { test } from "node:test";
import cases from "../../../tests/answer_fences.json";
import { AnswerReader } from "../../src/code/answer_fence";

/** What is drawn at the end, the language, and all that was ever drawn of an open line. */
function read(pieces: readonly string[]): { shown: string; language: string; seen: string[] } {
  const reader = new AnswerReader();
  const seen: string[] = [];
  let shown = "";
  for (const piece of [...pieces, null]) {
    const step = piece === null ? reader.end() : reader.feed(piece);
    if (step.again) shown = "";
    shown += step.lines;
    seen.push(shown + step.partial);
  }
  return { shown: shown.replace(/\n+$/, ""), language: reader.info.split(" ")[0]!, seen };
}

function* splits(text: string): Generator<string[]> {
  yield [text];
  yield [...text];
  for (let a = 0; a <= text.length; a++) {
    for (let b = a; b <= text.length; b++) yield [text.slice(0, a), text.slice(a, b), text.slice(b)];
  }
}

test("the fence round an answer is dropped as at rest, for every split", () => {
  for (const [text, inside, language] of cases as [string, string, string][]) {
    for (const pieces of splits(text)) {
      const { shown, language: found } = read(pieces);
      assert.deepEqual([shown, found], [inside.replace(/\n+$/, ""), language], JSON.stringify(pieces));
    }
  }
});

test("a fence round the whole answer is at no moment seen", () => {
  for (const pieces of splits("\n```python\nx = 1\n\ny = `2`\n```\n")) {
    for (const seen of read(pieces).seen) assert.doesNotMatch(seen, /```|python/);
  }
});

test("plain code is seen as it comes, also in the middle of a line", () => {
  assert.deepEqual(read(["x =", " 1\ny"]).seen, ["x =", "x = 1\ny", "x = 1\ny"]);
  assert.deepEqual(read(["```py\nx =", " 1"]).seen, ["x =", "x = 1", "x = 1"]);
});

test("a first line without an end is shown before it is held for long", () => {
  const { seen } = read([`\`\`\`${"a".repeat(3000)}`]);
  assert.notEqual(read(["b".repeat(3000)]).seen[0], "");
  assert.equal(seen.at(-1), "");
});
