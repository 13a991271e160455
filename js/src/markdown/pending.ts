// Owns how unfinished Markdown at the end of a stream is shown until more of it comes. Pure: what it
// returns is only ever drawn for the open piece, and never kept.

/** A last line that may still become a marker (list, heading, rule, fence, quote, formula). */
const MARKER_LINE = /(^|\n)[ >]{0,12}([-=_*+]{1,3}|#{1,6}|\d{1,9}[.)]?|[`~]{1,3}[\w+-]*|\\\[?|\${1,2}|[-*+] \[[ xX]?\]?) ?$/;
const TABLE_HEAD = /(^|\n) {0,3}\|[^\n]*(\n[ |:-]*)?$/;
const OPEN_LINK = /!?\[([^\[\]\n]*)\]\([^()\s]*(\s[^()\n]*)?$/;
const OPEN_LABEL = /!?\[([^\[\]\n]{1,120})\]?$/;

/** Returns what an unfinished source reads as if it were finished here. */
export function finish(source: string): string {
  const held = source.replace(MARKER_LINE, "$1").replace(/\n$/, "");
  const start = paragraphStart(held);
  const head = held.slice(0, start);
  const open = held.slice(start);
  if (TABLE_HEAD.test(open) && !/\n[ |:-]*-[ |:-]*\n/.test(open)) return head + open.replace(TABLE_HEAD, "$1");
  return head + closeInline(open);
}

function paragraphStart(text: string): number {
  const blank = text.lastIndexOf("\n\n");
  return blank === -1 ? 0 : blank + 2;
}

function closeInline(text: string): string {
  const code = openCodeRun(text);
  if (code !== null) {
    return text.endsWith(code) ? text.slice(0, -code.length) : text + code;
  }
  const plain = text.replace(OPEN_LINK, "$1").replace(OPEN_LABEL, (whole, label: string) =>
    whole.startsWith("!") || !/^[ xX]?$/.test(label) ? label : whole,
  );
  return closeEmphasis(plain);
}

/** The backtick run that is open at the end of the text, or null. */
function openCodeRun(text: string): string | null {
  let open: string | null = null;
  for (const [run] of text.matchAll(/`+/g)) {
    if (open === null) open = run;
    else if (run === open) open = null;
  }
  return open;
}

const EMPHASIS = /(\*\*\*|\*\*|\*|___|__|~~)/g;

function closeEmphasis(text: string): string {
  const line = text.replace(/`+[^`]*`+/g, (code) => "c".repeat(code.length));
  const open: string[] = [];
  for (const found of line.matchAll(EMPHASIS)) {
    const mark = found[0];
    const after = line[found.index + mark.length] ?? "";
    const before = line[found.index - 1] ?? " ";
    if (open.at(-1) === mark && /\S/.test(before)) open.pop();
    else if (/\S/.test(after) || after === "") open.push(mark);
  }
  let drawn = text;
  for (const mark of open.reverse()) {
    drawn = drawn.endsWith(mark) ? drawn.slice(0, -mark.length) : drawn.trimEnd() + mark;
  }
  return drawn;
}
