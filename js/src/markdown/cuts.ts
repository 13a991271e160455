// Owns where text may be cut without harm: between characters, sentences and lines. Pure.

/** How a piece's first block continues the last block of the pieces before it. */
export type Join = "none" | "list" | "table" | "paragraph" | "quote" | "code";

/** Splits off at most `bound` units. Line ends become `\n`. A carriage return or half a surrogate pair
 * at the very end stays behind until its other half comes. */
export function takeBounded(text: string, bound: number, ended: boolean): { taken: string; rest: string } {
  let end = Math.min(text.length, bound);
  if (end < text.length || !ended) {
    const code = text.charCodeAt(end - 1);
    if (code === 13 || (code >= 0xd800 && code <= 0xdbff)) end--;
  }
  if (end === 0 && text.length >= bound) end = Math.min(text.length, 2);
  return { taken: text.slice(0, end).replace(/\r\n?/g, "\n"), rest: text.slice(end) };
}

/** Whether a list item's text ends in a blank line, so that one more item makes the list loose. */
export function looseBoundary(text: string): boolean {
  return /\n[ \t]*\n$/.test(text);
}

/** Returns where to cut an open block that is over `bound`, and how the rest continues it. */
export function safeBreak(text: string, blockType: string, bound: number): { position: number; join: Join } {
  if (blockType === "paragraph_open" || blockType === "heading_open") {
    return { position: sentenceBreak(text, bound), join: "paragraph" };
  }
  const line = text.lastIndexOf("\n", bound - 1) + 1;
  if (line === 0) return { position: hardBreak(text, bound), join: "paragraph" };
  if (blockType === "blockquote_open") {
    const quoted = lastQuotedLine(text, bound);
    if (quoted > 0) return { position: quoted, join: "quote" };
  }
  return { position: line, join: blockType === "code_block" ? "code" : "none" };
}

function lastQuotedLine(text: string, bound: number): number {
  for (let at = text.lastIndexOf("\n", bound - 1); at > 0; at = text.lastIndexOf("\n", at - 1)) {
    if (/^ {0,3}>/.test(text.slice(at + 1, at + 5))) return at + 1;
  }
  return 0;
}

/** After a space where no code span, emphasis or bracket is open, as late as can be; else after any
 * space; else anywhere between two characters. */
function sentenceBreak(text: string, bound: number): number {
  let best = 0;
  let space = 0;
  let depth = 0;
  let code = false;
  let stars = 0;
  for (let at = 0; at < bound; at++) {
    const char = text[at];
    if (char === "`") code = !code;
    else if (char === "*") stars++;
    else if (char === "[" || char === "(") depth++;
    else if ((char === "]" || char === ")") && depth > 0) depth--;
    else if (char === " " || char === "\n") {
      space = at + 1;
      if (!code && depth === 0 && stars % 2 === 0) best = at + 1;
    }
  }
  if (best > bound / 4) return best;
  return space > bound / 4 ? space : hardBreak(text, bound);
}

function hardBreak(text: string, bound: number): number {
  const code = text.charCodeAt(bound - 1);
  return code >= 0xd800 && code <= 0xdbff ? bound - 1 : bound;
}
