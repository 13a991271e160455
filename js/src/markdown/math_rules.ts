// Owns the delimiters of math in Markdown: $…$, $$…$$, \(…\), \[…\] as markdown-it rules.
// Does not draw math.
import type { MarkdownIt, StateBlock, StateInline } from "markdown-it";

const MAX_MATH = 4000;
const SPACE = /\s/;

/** Whether a single dollar at `pos` can open: not before a space. At `pos` to close: not after a space
 * and not before a digit, so that "$5 and $10" stays text (pandoc's rule). */
function closingDollar(src: string, from: number, max: number): number {
  for (let pos = from; pos < max; pos++) {
    const char = src[pos];
    if (char === "\\") pos++;
    else if (char === "`") return -1;
    else if (char === "$") {
      const before = src[pos - 1] ?? " ";
      const after = src[pos + 1] ?? " ";
      if (!SPACE.test(before) && !/[0-9$]/.test(after)) return pos;
      return -1;
    }
  }
  return -1;
}

function findClose(src: string, close: string, from: number, max: number): number {
  const limit = Math.min(max, from + MAX_MATH);
  for (let pos = src.indexOf(close, from); pos !== -1 && pos < limit; pos = src.indexOf(close, pos + 1)) {
    if (close !== "$$" || src[pos - 1] !== "\\") return pos + close.length <= limit ? pos : -1;
  }
  return -1;
}

interface Span {
  readonly content: string;
  readonly end: number;
  readonly display: boolean;
}

function spanAt(src: string, pos: number, max: number): Span | null {
  const pair = src.slice(pos, pos + 2);
  const close = pair === "$$" ? "$$" : pair === "\\(" ? "\\)" : pair === "\\[" ? "\\]" : null;
  if (close !== null) {
    const end = findClose(src, close, pos + 2, max);
    if (end === -1 || src.slice(pos + 2, end).trim() === "") return null;
    return { content: src.slice(pos + 2, end), end: end + 2, display: pair !== "\\(" };
  }
  if (src[pos] !== "$" || SPACE.test(src[pos + 1] ?? " ") || /[\w$]/.test(src[pos - 1] ?? " ")) return null;
  const end = closingDollar(src, pos + 1, Math.min(max, pos + MAX_MATH));
  return end === -1 ? null : { content: src.slice(pos + 1, end), end: end + 1, display: false };
}

function inlineMath(state: StateInline, silent: boolean): boolean {
  const span = spanAt(state.src, state.pos, state.posMax);
  if (span === null) return false;
  if (!silent) {
    const token = state.push("math_inline", "", 0);
    token.content = span.content;
    token.markup = state.src.slice(state.pos, span.end);
    token.meta = { display: span.display };
  }
  state.pos = span.end;
  return true;
}

/** A block opens with `$$` or `\[` at the start of a line and closes at the end of one, with no blank
 * line between (TeX allows none). While `env.partial`, an unclosed one at the end of the text counts as
 * open, so that what it holds is not cut into paragraphs before it closes. */
function blockMath(state: StateBlock, start: number, end: number, silent: boolean): boolean {
  if (state.sCount[start]! - state.blkIndent >= 4) return false;
  const first = lineOf(state, start);
  const close = first.startsWith("$$") ? "$$" : first.startsWith("\\[") ? "\\]" : null;
  if (close === null) return false;
  const found = closingLine(state, { start, end, close, first });
  if (found === null) return false;
  if (silent) return true;
  const token = state.push("math_block", "", 0);
  token.block = true;
  token.map = [start, found.line + 1];
  token.content = found.open ? "" : found.content;
  token.markup = state.getLines(start, found.line + 1, state.blkIndent, false);
  token.meta = { display: true, open: found.open };
  state.line = found.line + 1;
  return true;
}

interface Search {
  readonly start: number;
  readonly end: number;
  readonly close: string;
  readonly first: string;
}

function closingLine(state: StateBlock, { start, end, close, first }: Search) {
  const taken: string[] = [];
  let line = start;
  let text = first.slice(2);
  for (;;) {
    const trimmed = text.trimEnd();
    if (trimmed.endsWith(close) && !(close === "$$" && trimmed.endsWith("\\$$"))) {
      taken.push(trimmed.slice(0, -2));
      const content = taken.join("\n");
      return content.includes(close) || content.trim() === "" ? null : { line, content, open: false };
    }
    if (text.includes(close)) return null;
    taken.push(text);
    if (line + 1 >= end) return atEnd(state, line);
    line++;
    if (state.isEmpty(line) || state.sCount[line]! < state.blkIndent) return null;
    text = lineOf(state, line);
  }
}

function atEnd(state: StateBlock, line: number) {
  const partial = (state.env as { partial?: boolean }).partial === true;
  return partial && line + 1 >= state.lineMax ? { line, content: "", open: true } : null;
}

function lineOf(state: StateBlock, line: number): string {
  return state.src.slice(state.bMarks[line]! + state.tShift[line]!, state.eMarks[line]!);
}

export function mathRules(md: MarkdownIt): void {
  md.inline.ruler.before("escape", "math_inline", inlineMath);
  md.block.ruler.after("blockquote", "math_block", blockMath, {
    alt: ["paragraph", "reference", "blockquote", "list"],
  });
}
