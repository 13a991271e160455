// Owns the reading of a fenced code block line by line, as CommonMark has it. Does not draw or colour.

export interface OpeningFence {
  readonly indent: number;
  readonly marker: string;
  readonly length: number;
  readonly info: string;
}

export function openingFence(line: string): OpeningFence {
  const [, indent = "", run = "```", info = ""] = /^( {0,3})(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  return { indent: indent.length, marker: run[0]!, length: run.length, info: info.trim() };
}

/** A line longer than this, in UTF-16 units, is passed on before its end is seen: no fence is that long. */
export const LONG_LINE = 2048;

/** Reads the lines after an opening fence. */
export class FenceReader {
  private readonly closing: RegExp;
  private readonly maybeClosing: RegExp;
  private readonly outdent: RegExp;
  private midLine = false;

  constructor(opening: OpeningFence) {
    const { marker, length, indent } = opening;
    this.closing = new RegExp(`^ {0,3}${marker}{${length},}[ \\t]*$`);
    this.maybeClosing = new RegExp(`^ {0,3}${marker}*[ \\t]*$`);
    this.outdent = new RegExp(`^ {0,${indent}}`);
  }

  /** Takes the complete lines (all, if `last`) up to a closing fence; `text` keeps their line feeds. */
  read(source: string, last: boolean): { text: string; rest: string; closed: boolean } {
    const taken: string[] = [];
    let at = 0;
    while (at < source.length) {
      const end = source.indexOf("\n", at);
      if (end === -1 && !last && source.length - at < LONG_LINE) break;
      const line = source.slice(at, end === -1 ? source.length : end);
      at = end === -1 ? source.length : end + 1;
      if (!this.midLine && this.closing.test(line)) return { text: taken.join(""), rest: source.slice(at), closed: true };
      taken.push(this.midLine ? line : line.replace(this.outdent, ""), end === -1 ? "" : "\n");
      this.midLine = end === -1;
    }
    return { text: taken.join(""), rest: source.slice(at), closed: false };
  }

  /** What may be shown of a line that is not complete: nothing while it can become the closing fence. */
  partial(line: string): string {
    if (this.midLine) return line;
    return this.maybeClosing.test(line) ? "" : line.replace(this.outdent, "");
  }
}
