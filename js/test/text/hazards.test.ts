import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { hasHazard, prose, visible, visibleLines } from "../../src/text/hazards";

interface Hazard {
  readonly cp: string;
  readonly cat: string;
  readonly ignorable: boolean;
}
const hazards = JSON.parse(readFileSync(join(__WIRE__, "unicode_display_hazards.json"), "utf8")) as Hazard[];
const char = (hazard: Hazard): string => String.fromCodePoint(parseInt(hazard.cp.slice(2), 16));

test("every known hazard is shown as its number, in any place", () => {
  assert.ok(hazards.length > 4000);
  for (const hazard of hazards) {
    const shown = `\\u{${parseInt(hazard.cp.slice(2), 16).toString(16).toUpperCase()}}`;
    assert.equal(visible(char(hazard)), shown);
    assert.equal(visible(`a${char(hazard)}b`), `a${shown}b`);
  }
});

test("prose holds no control, bidi or ignorable character between letters", () => {
  for (const hazard of hazards.filter(({ cat, cp }) => cat !== "Zs" && cp !== "U+0009" && cp !== "U+000A")) {
    assert.ok(!prose(`a${char(hazard)}b`).includes(char(hazard)), hazard.cp);
  }
});

test("prose leaves emoji sequences and scripts that need joiners as they are", () => {
  for (const text of ["👩‍🚀", "🏳️‍🌈", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "❤️", "1️⃣", "👍🏽", "👨‍👩‍👧‍👦", "می‌خواهم", "क्‍ष", "naïve e\u0301", "日本語", "\u00a0", "עברית", "∑︀", "a\tb\nc"]) {
    assert.equal(prose(text), text);
  }
});

test("prose shows what is smuggled in", () => {
  assert.equal(prose("a\u202Eb"), "a\\u{202E}b");
  assert.equal(prose("\x1b[31mred"), "\\u{1B}[31mred");
  assert.equal(prose("a\u{E0041}\u{E0042}"), "a\\u{E0041}\\u{E0042}");
  assert.equal(prose("a\uFE0F\u{E0100}"), "a\\u{FE0F}\\u{E0100}");
  assert.equal(prose("a\u200Db"), "a\\u{200D}b");
});

test("lines and tabs stay in visibleLines, and plain text everywhere", () => {
  assert.equal(visibleLines("a\n\tb\u202E"), "a\n\tb\\u{202E}");
  assert.equal(visible("plain text, é, 日本"), "plain text, é, 日本");
  assert.equal(hasHazard("plain\ntext"), false);
  assert.equal(hasHazard("a\u200Bb"), true);
});
