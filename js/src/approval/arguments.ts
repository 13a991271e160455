// Folder approval: owns the card that asks a person about one call: its text, arguments, buttons, editor, and what
// stays of it afterwards. Does not run or decide a call: the kernel does.
//
// Owns how the arguments of a call are read and drawn for a decision: all of them, exactly, nothing hidden.
// Does not decide, and never builds a value: numbers and strings are shown as the frozen text has them.
import { h } from "../page/dom";
import { visible, visibleLines } from "../text/hazards";

export interface Row {
  readonly key: string;
  /** The value as JSON, as it stands in the text. */
  readonly source: string;
}

const HEAD = 600;
const TAIL = 200;
const HEAD_ROWS = 40;
const TAIL_ROWS = 5;

/** The members of a JSON object in its text's own order, or null if it is not one. Nothing goes through a
 * JavaScript value: long numbers keep all their digits, and no key is special. */
export function readRows(text: string): Row[] | null {
  if (!isObject(text)) return null;
  const rows: Row[] = [];
  let at = text.indexOf("{") + 1;
  for (;;) {
    at = skipSpace(text, at);
    if (text[at] === ",") at = skipSpace(text, at + 1);
    if (text[at] !== '"') return rows;
    const keyEnd = endOfValue(text, at);
    const start = skipSpace(text, text.indexOf(":", keyEnd) + 1);
    const end = endOfValue(text, start);
    rows.push({ key: JSON.parse(text.slice(at, keyEnd)) as string, source: text.slice(start, end).trimEnd() });
    at = end;
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function skipSpace(text: string, at: number): number {
  while (/[ \n\r\t]/.test(text[at] ?? "")) at++;
  return at;
}

/** Where the value that starts there ends: before the comma or bracket that closes it. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') {
      at = endOfString(text, at);
      if (depth === 0 && text[start] === '"') return at + 1;
    } else if (char === "{" || char === "[") depth++;
    else if (depth === 0 && ",}]".includes(char)) return at;
    else if (char === "}" || char === "]") depth--;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

/** Rows of key and value. `whole` is false where the call is long: heads and tails then stand for it. */
export function drawRows(text: string, whole: boolean): HTMLElement[] {
  const rows = readRows(text);
  if (rows === null) return [h("pre", "lnb-arg-block", ...bound(text, whole, true))];
  if (rows.length === 0) return [h("div", "lnb-arg-none", "no arguments")];
  if (whole || rows.length <= HEAD_ROWS + TAIL_ROWS) return rows.map((row) => drawRow(row, whole));
  const left = rows.length - HEAD_ROWS - TAIL_ROWS;
  return [
    ...rows.slice(0, HEAD_ROWS).map((row) => drawRow(row, whole)),
    h("div", "lnb-arg-none", `… ${left} more arguments …`),
    ...rows.slice(-TAIL_ROWS).map((row) => drawRow(row, whole)),
  ];
}

function drawRow({ key, source }: Row, whole: boolean): HTMLElement {
  const name = h("code", "lnb-arg-key", ...bound(key, whole, false));
  return h("div", "lnb-arg", name, drawValue(source, whole));
}

function drawValue(source: string, whole: boolean): HTMLElement {
  if (!source.startsWith('"')) {
    const shown = source.replace(/\n {2}/g, "\n");
    return h("pre", "lnb-arg-json", ...bound(shown, whole, true));
  }
  const value = JSON.parse(source) as string;
  if (value.includes("\n")) return h("pre", "lnb-arg-block", ...bound(value, whole, true));
  return h("pre", "lnb-arg-string", ...bound(value, whole, false));
}

/** The text revealed; if it is long and not wanted whole, its head and tail and how much is between. */
function bound(text: string, whole: boolean, lines: boolean): Node[] {
  const left = text.length - HEAD - TAIL;
  if (whole || left <= 0) return reveal(text, lines);
  const gap = h("span", "lnb-arg-gap", ` … ${left} more characters … `);
  return [...reveal(text.slice(0, HEAD), lines), gap, ...reveal(text.slice(-TAIL), lines)];
}

/** Text in which every hazard stands as a marked `\u{…}`: it cannot be mistaken for those characters. */
export function reveal(text: string, lines: boolean): Node[] {
  const show = lines ? visibleLines : visible;
  if (show(text) === text) return [document.createTextNode(text)];
  const nodes: Node[] = [];
  let plain = "";
  for (const char of text) {
    const shown = show(char);
    if (shown === char) {
      plain += char;
      continue;
    }
    if (plain !== "") nodes.push(document.createTextNode(plain));
    plain = "";
    nodes.push(h("span", "lnb-hazard", shown));
  }
  if (plain !== "") nodes.push(document.createTextNode(plain));
  return nodes;
}

/** JSON that means the same, with every hazard as JSON's own escape: what an editor can show safely. */
export function escapeJson(text: string): string {
  if (visibleLines(text) === text) return text;
  return [...text].map((char) => (visibleLines(char) === char ? char : escapeUnits(char))).join("");
}

function escapeUnits(char: string): string {
  return char.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}
