// Folder markdown: owns Markdown as it streams, from text to nodes of an allow-list. Does not know turns, nor how a
// fence looks.
//
// Owns the cutting of streaming Markdown into finished pieces and one open piece, each of bounded size.
// Pure: does not draw and keeps no finished text.
import { FenceReader, openingFence } from "../code/fence";
import { type Join, looseBoundary, safeBreak, takeBounded } from "./cuts";
import { blockTokens, type Token } from "./parser";

export interface MarkdownPiece {
  readonly type: "markdown";
  /** Parsed before `source`, never drawn: a table's head, or the stub of a cut paragraph. */
  readonly prefix: string;
  readonly source: string;
  readonly join: Join;
  /** The list that it continues is known to be loose. */
  readonly loose: boolean;
}
export type FinishedPiece =
  | MarkdownPiece
  | { readonly type: "fence-open"; readonly info: string }
  | { readonly type: "fence-lines"; readonly text: string }
  | { readonly type: "fence-close" };
export type OpenPiece = MarkdownPiece | { readonly type: "fence-partial"; readonly text: string };

export interface Step {
  readonly finished: readonly FinishedPiece[];
  readonly open: OpenPiece | null;
}

/** A block longer than this is cut inside. In UTF-16 units. */
export const BLOCK_BOUND = 8192;
/** A step takes in this much at most, so that no step takes long. */
const STEP = 2048;
const MAX_ROWS = 250;
export const PARAGRAPH_STUB = "x ";

/** Feed text, then call `step` until `idle`; `end` says that no more comes. */
export class BlockSplitter {
  private waiting = "";
  private tail = "";
  private seenLines = 0;
  private prefix = "";
  private join: Join = "none";
  private loose = false;
  private rows = 0;
  private fence: FenceReader | null = null;
  private ended = false;
  private done = false;

  feed(text: string): void {
    this.waiting += text;
    this.done = false;
  }

  end(): void {
    this.ended = true;
    this.done = false;
  }

  get idle(): boolean {
    return this.done;
  }

  /** Takes in the next bounded piece of what was fed. Finished pieces never come again. */
  step(): Step {
    const { taken, rest } = takeBounded(this.waiting, STEP, this.ended);
    this.waiting = rest;
    this.tail += taken;
    const finished: FinishedPiece[] = [];
    const last = this.ended && rest === "";
    for (let more = true; more; ) more = this.fence ? this.stepFence(finished, last) : this.stepMarkdown(finished, last);
    this.done = rest === "" || (taken === "" && !this.ended);
    return { finished, open: this.openPiece() };
  }

  private openPiece(): OpenPiece | null {
    if (this.fence) return { type: "fence-partial", text: this.fence.partial(this.tail) };
    return this.tail === "" ? null : this.piece(this.tail);
  }

  private piece(source: string): MarkdownPiece {
    return { type: "markdown", prefix: this.prefix, source, join: this.join, loose: this.loose };
  }

  /** Returns whether what is left must be looked at again (a fence closed). */
  private stepFence(finished: FinishedPiece[], last: boolean): boolean {
    const read = this.fence!.read(this.tail, last);
    if (read.text !== "") finished.push({ type: "fence-lines", text: read.text });
    this.tail = read.rest;
    if (!read.closed && !last) return false;
    finished.push({ type: "fence-close" });
    this.fence = null;
    this.restart();
    return this.tail !== "";
  }

  private restart(): void {
    this.prefix = "";
    this.join = "none";
    this.loose = false;
    this.rows = 0;
    this.seenLines = 0;
  }

  private stepMarkdown(finished: FinishedPiece[], last: boolean): boolean {
    const whole = last ? this.tail.length : this.tail.lastIndexOf("\n") + 1;
    if (whole > this.seenLines || last) {
      this.seenLines = whole;
      if (this.cutAtBlock(finished, this.tail.slice(0, whole), last)) return true;
    }
    if (last) {
      if (this.tail !== "") finished.push(this.piece(this.tail));
      this.tail = "";
      return false;
    }
    while (this.tail.length > BLOCK_BOUND) this.cutInside(finished);
    return false;
  }

  /** Finishes all that the complete lines show to be finished. Returns whether a fence was opened. */
  private cutAtBlock(finished: FinishedPiece[], lines: string, last: boolean): boolean {
    const tokens = blockTokens(this.prefix + lines, !last);
    const tops = tokens.filter((token) => token.level === 0 && token.nesting >= 0 && token.map);
    const block = firstUnsure(tops, (this.prefix + lines).split("\n"));
    if (!block) return false;
    const offsets = lineOffsets(this.prefix + lines);
    const hidden = this.prefix.length;
    const at = (line: number) => Math.max(0, offsets[line]! - hidden);
    const start = at(block.map![0]);
    if (block.type === "fence") return this.openFence(finished, start);
    if (last) return false;
    const fresh = block !== tops[0] && start > 0;
    if (fresh) {
      this.finishTo(finished, start);
      this.restart();
    }
    this.cutContainer(finished, block, tokens, (line) => at(line) - (fresh ? start : 0));
    this.seenLines = this.tail.lastIndexOf("\n") + 1;
    return false;
  }

  private finishTo(finished: FinishedPiece[], position: number): void {
    finished.push(this.piece(this.tail.slice(0, position)));
    this.tail = this.tail.slice(position);
  }

  private openFence(finished: FinishedPiece[], position: number): boolean {
    if (position > 0) finished.push(this.piece(this.tail.slice(0, position)));
    const lineEnd = this.tail.indexOf("\n", position);
    const line = this.tail.slice(position, lineEnd === -1 ? undefined : lineEnd);
    const opening = openingFence(line);
    this.tail = lineEnd === -1 ? "" : this.tail.slice(lineEnd + 1);
    this.restart();
    this.fence = new FenceReader(opening);
    finished.push({ type: "fence-open", info: opening.info });
    return true;
  }

  /** Finishes all but the last item or row of the open block. `at` gives a line's place in the tail. */
  private cutContainer(
    finished: FinishedPiece[],
    block: Token,
    tokens: readonly Token[],
    at: (line: number) => number,
  ): void {
    if (block.type.endsWith("_list_open")) this.cutList(finished, tokens.slice(tokens.indexOf(block)), at);
    else if (block.type === "table_open") this.cutTable(finished, block.map!, at);
  }

  private cutList(finished: FinishedPiece[], list: readonly Token[], at: (line: number) => number): void {
    const items = list.filter((token) => token.type === "list_item_open" && token.level === 1);
    const spread = list.some((t) => t.type === "paragraph_open" && t.level === 2 && !t.hidden);
    const position = at(items.at(-1)!.map![0]);
    this.loose ||= spread || (items.length > 1 && looseBoundary(this.tail.slice(0, position)));
    if (items.length < 2 || position <= 0) return;
    this.finishTo(finished, position);
    this.join = "list";
  }

  private cutTable(finished: FinishedPiece[], map: [number, number], at: (line: number) => number): void {
    const [first, end] = map;
    const position = at(end - 1);
    if (end - first < 4 || position <= 0) return;
    const head = this.prefix || this.tail.slice(at(first), at(first + 2));
    this.finishTo(finished, position);
    this.prefix = head;
    this.rows += end - first - 3;
    // The browser lays a whole table out for each new row: a long one goes on as the next, head repeated.
    this.join = this.rows < MAX_ROWS ? "table" : "none";
    if (this.join === "none") this.rows = 0;
  }

  /** The open block alone is over the bound: cut where it shows least. */
  private cutInside(finished: FinishedPiece[]): void {
    const block = blockTokens(this.prefix + this.tail, true).find((token) => token.level === 0);
    const { position, join } = safeBreak(this.tail, block?.type ?? "", BLOCK_BOUND);
    this.finishTo(finished, position);
    this.restart();
    this.join = join;
    this.prefix = join === "paragraph" ? PARAGRAPH_STUB : "";
    this.seenLines = this.tail.lastIndexOf("\n") + 1;
  }
}

/** The block from which on more text may still change something: the last one; or the one before, where
 * an open formula may turn out to be its text, or a quoted line the title of a definition. */
function firstUnsure(tops: readonly Token[], lines: readonly string[]): Token | undefined {
  const [before, block] = [tops.at(-2), tops.at(-1)];
  if (!block) return undefined;
  const start = block.map![0];
  if (!before || before.map![1] < start) return block;
  const title = before.type === "reference_definition" && /^\s*["'(]/.test(lines[start] ?? "");
  return title || block.meta?.open ? before : block;
}

function lineOffsets(text: string): number[] {
  const offsets = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) offsets.push(at + 1);
  offsets.push(text.length);
  return offsets;
}
