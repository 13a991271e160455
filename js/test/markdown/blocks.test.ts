import assert from "node:assert/strict";
import { test } from "node:test";
import { BLOCK_BOUND, BlockSplitter, type FinishedPiece, type Step } from "../../src/markdown/blocks";
import { finish } from "../../src/markdown/pending";

function feed(pieces: Iterable<string>): { finished: FinishedPiece[]; longestOpen: number } {
  const splitter = new BlockSplitter();
  const finished: FinishedPiece[] = [];
  let longestOpen = 0;
  const take = (step: Step): void => {
    finished.push(...step.finished);
    if (step.open?.type === "markdown") longestOpen = Math.max(longestOpen, step.open.source.length);
  };
  const drain = (): void => {
    while (!splitter.idle) take(splitter.step());
  };
  for (const piece of pieces) {
    splitter.feed(piece);
    drain();
  }
  splitter.end();
  drain();
  return { finished, longestOpen };
}

const sourceOf = (piece: FinishedPiece): string =>
  piece.type === "markdown" ? piece.source : piece.type === "fence-lines" ? piece.text : "";
const joined = (finished: FinishedPiece[]): string => finished.map(sourceOf).join("");

test("a paragraph is finished when the next block begins, not before", () => {
  const splitter = new BlockSplitter();
  splitter.feed("one\n\n");
  assert.deepEqual(splitter.step().finished, []);
  splitter.feed("two\n");
  assert.deepEqual(splitter.step().finished.map(sourceOf), ["one\n\n"]);
});

test("a line that is not complete finishes nothing", () => {
  const splitter = new BlockSplitter();
  splitter.feed("para\n#");
  assert.deepEqual(splitter.step().finished, []);
  splitter.feed("not a heading\n");
  assert.deepEqual(splitter.step().finished, []);
});

test("list items and table rows are finished one by one", () => {
  const list = feed(["- a\n", "- b\n", "- c\n"]).finished;
  assert.deepEqual(list.map(sourceOf), ["- a\n", "- b\n", "- c\n"]);
  assert.deepEqual(list.map((piece) => piece.type === "markdown" && piece.join), ["none", "list", "list"]);
  const table = feed(["| a |\n|---|\n", "| 1 |\n", "| 2 |\n", "| 3 |\n"]).finished;
  assert.deepEqual(table.map((piece) => piece.type === "markdown" && piece.prefix), ["", "| a |\n|---|\n", "| a |\n|---|\n"]);
});

test("a fence passes its lines on and ends at its closing line", () => {
  const { finished } = feed(["``", "`py info\nx = 1", "\n``\n", "```", "\nafter"]);
  assert.deepEqual(finished[0], { type: "fence-open", info: "py info" });
  assert.equal(joined(finished), "x = 1\n``\nafter");
  assert.equal(finished.filter((piece) => piece.type === "fence-close").length, 1);
});

for (const [name, unit] of Object.entries({
  "words": "word ", "no space": "x", "lines": "a line of text\n", "items": "- item\n", "quote": "> quote\n",
  "astral": "😀", "nested": "  - nested\n", "definitions": "[a]: b\n", "blank": "\n", "code": "    code\n",
})) {
  test(`nothing is lost and nothing open is long: ${name}`, () => {
    const text = unit.repeat(Math.ceil(60_000 / unit.length));
    const pieces = text.match(/[^]{1,777}/g)!;
    const { finished, longestOpen } = feed(pieces);
    assert.equal(joined(finished), text);
    assert.ok(longestOpen <= BLOCK_BOUND, String(longestOpen));
    for (const piece of finished) assert.ok(!/[\uD800-\uDBFF]$/.test(sourceOf(piece)));
  });
}

test("line ends become line feeds, however they are cut", () => {
  for (const pieces of [["a\r\nb\rc\n"], [..."a\r\nb\rc\n"], ["a\r", "\nb\r", "c\n"]]) {
    assert.equal(joined(feed(pieces).finished), "a\nb\nc\n");
  }
});

test("an open formula holds back the paragraph that it may belong to", () => {
  const { finished } = feed([..."text\n$$\n- a\n\nafter"]);
  assert.equal(joined(finished), "text\n$$\n- a\n\nafter");
  assert.equal(sourceOf(finished[0]!).startsWith("text\n$$"), true);
});

test("what is unfinished is shown without its marks", () => {
  for (const [source, shown] of [
    ["a **b", "a **b**"], ["a **", "a "], ["a `b", "a `b`"], ["a [b](http://c", "a b"], ["a [b", "a b"],
    ["a\n-", "a"], ["a\n\n##", "a\n"], ["- a\n- ", "- a"], ["plain", "plain"], ["a **b** c", "a **b** c"],
  ] as const) {
    assert.equal(finish(source).replace(/\n$/, ""), shown.replace(/\n$/, ""), source);
  }
});
