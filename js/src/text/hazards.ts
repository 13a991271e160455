// Owns which characters can hide or reorder what a person reads, and how they are shown instead.
// Does not know where the text goes.

/** Control, format, ignorable, private and separator characters; any space but the plain one; and the
 * two that draw as nothing although Unicode calls them symbols (blank Braille, object replacement). */
const HAZARD = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}\u2800\uFFFC]|(?! )\p{Zs}/u;
const HAZARDS = new RegExp(HAZARD, "gu");

const escaped = (char: string): string => `\\u{${char.codePointAt(0)!.toString(16).toUpperCase()}}`;

/** Every hazard as `\u{…}`: for what a person must read exactly (an approval card, a tool's input). */
export function visible(text: string): string {
  return text.replace(HAZARDS, escaped);
}

/** As `visible`, but line feeds and tabs stay: for text of several lines. */
export function visibleLines(text: string): string {
  return text.replace(HAZARDS, (char) => (char === "\n" || char === "\t" ? char : escaped(char)));
}

// What prose may hold although it is invisible: emoji sequences, variation selectors after something
// they can vary, and joiners between letters of scripts that need them.
const EMOJI = "\\p{Emoji}\\p{Emoji_Modifier}\\uFE0F\\u20E3";
const JOINED =
  "\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}" +
  "\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}" +
  "\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}\\p{Script=Myanmar}\\p{Script=Mongolian}" +
  "\\p{Mn}";
const ALLOWED = [
  "[\\n\\t]",
  `(?<=[${EMOJI}])\\u200D(?=\\p{Extended_Pictographic})`,
  `(?<=[${JOINED}])[\\u200C\\u200D](?=[${JOINED}])`,
  "(?<=[\\p{Emoji}\\p{Sm}\\p{So}\\p{Po}\\p{Lo}])[\\uFE00-\\uFE0F]",
  "(?<=\\p{Unified_Ideograph})[\\u{E0100}-\\u{E01EF}]",
  "(?<=\\p{Script=Mongolian})[\\u180B-\\u180F]",
  "(?<=\\u{1F3F4}[\\u{E0061}-\\u{E007A}]{0,6})[\\u{E0061}-\\u{E007A}](?=[\\u{E0061}-\\u{E007A}]{0,6}\\u{E007F})",
  "(?<=\\u{1F3F4}[\\u{E0061}-\\u{E007A}]{1,7})\\u{E007F}",
].join("|");
const PROSE = new RegExp(
  `(${ALLOWED})|[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{DI}]`,
  "gu",
);
const SUSPECT = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/u;
const ONLY_BREAKS = /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\x00-\x08\x0B-\x1F\x7F-\x9F]/u;

/** Bidi controls, C0/C1 (but `\n` and `\t`) and other invisible characters as `\u{…}`; emoji sequences,
 * variation selectors and the joiners of scripts that need them stay: for prose and code. */
export function prose(text: string): string {
  if (!ONLY_BREAKS.test(text)) return text;
  return text.replace(PROSE, (char, allowed?: string) => (allowed === undefined ? escaped(char) : char));
}

/** Whether `visible` would change anything but line feeds and tabs. */
export function hasHazard(text: string): boolean {
  return SUSPECT.test(text) && visibleLines(text) !== text;
}
