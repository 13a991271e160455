// Holds the page to the cases that lauren_nb/_display/format.py is held to.
import assert from "node:assert/strict";
import { test } from "node:test";
import cases from "../../../tests/formats.json";
import type { Footer } from "../../src/protocol/turn";
import { bytes, footerItems, money, remaining, seconds, wholeSeconds } from "../../src/text/format";

test("durations, money and sizes read as people write them", () => {
  for (const [ms, text] of cases.elapsed_ms) assert.equal(seconds(Number(ms)), text);
  for (const [usd, text] of cases.costs) assert.equal(money(Number(usd)), text);
  assert.deepEqual([wholeSeconds(999), wholeSeconds(61_000)], ["0 s", "1 min 1 s"]);
  assert.deepEqual([bytes(12), bytes(98_000_000)], ["12 B", "98.0 MB"]);
});

test("the footer leaves out what is not known and tells an early end", () => {
  for (const [given, text] of cases.footers as [Footer & { elapsed_ms?: number }, string][]) {
    const { elapsed_ms, ...footer } = given;
    assert.equal(footerItems({ footer }, elapsed_ms ?? 0).join(" · "), text);
  }
});

test("the time that is left is coarse above a minute and never negative", () => {
  const at = (s: number): string => remaining(9_000_000, 9_000_000 - s * 1000);
  assert.equal(at(298), "denied by itself in 5:00");
  assert.equal(at(294), "denied by itself in 4:55");
  assert.equal(at(59.2), "denied by itself in 1:00");
  assert.equal(at(7), "denied by itself in 0:07");
  assert.equal(at(-3), "denied by itself now");
  assert.equal(at(7200), "denied by itself in 2 h");
  assert.equal(remaining(null, 0), "");
  assert.equal(remaining(undefined, 0), "");
});
