import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, footerItems, money, seconds, wholeSeconds } from "../src/format";
import { EMPTY_TURN } from "../src/reduce";

test("durations, money and sizes read as people write them", () => {
  assert.deepEqual([seconds(420), seconds(4210), seconds(42_000), seconds(125_000)], ["0.4 s", "4.2 s", "42 s", "2 min 5 s"]);
  assert.deepEqual([wholeSeconds(999), wholeSeconds(61_000)], ["0 s", "1 min 1 s"]);
  assert.deepEqual([money(0), money(0.00001), money(0.0021), money(0.25), money(3)], ["$0", "<$0.0001", "$0.0021", "$0.25", "$3.00"]);
  assert.deepEqual([bytes(12), bytes(98_000_000)], ["12 B", "98.0 MB"]);
});

test("the footer leaves out what is not known and tells an early end", () => {
  assert.deepEqual(footerItems(EMPTY_TURN, 0), []);
  const footer = { model: "m", input_tokens: 1200, cache_read_tokens: 3, output_tokens: 340, cost_usd: null, stop_reason: "max_tokens" };
  assert.deepEqual(footerItems({ ...EMPTY_TURN, footer }, 4200), [
    "m", "1,203 in (3 cached)", "340 out", "4.2 s", "cut at the token limit",
  ]);
});
