// Folder code: owns fenced code, from how a fence is read to the block that grows on the page. Does not read other
// Markdown.
//
// Owns the reading of an answer of `--format code` or `json` as it comes: without the fence that a model put
// round the whole of it, as lauren_nb/_display/answer_fence.py has it at rest. Does not draw or colour.
import { FenceReader, LONG_LINE, openingFence } from "./fence";

/** What to draw next. `again`: the fence was a part of the answer, so what was drawn is void. */
export interface AnswerStep {
  readonly again: boolean;
  /** Complete lines, or parts of a long one, or the last. */
  readonly lines: string;
  /** The line that is not complete yet. */
  readonly partial: string;
}

const OPENING = /^ {0,3}(?:`{3,}[^`]*|~{3,}[^]*)$/;
const MAYBE_OPENING = /^ {0,3}(?:`{0,2}|~{0,2}|`{3,}[^`]*|~{3,}[^]*)$/;

/** Created for one answer; `feed`, then `end`. The same answer, however cut: the same lines. */
export class AnswerReader {
  /** What stands after the opening fence; empty where there is none. Known when there is something to draw. */
  info = "";
  private state: "start" | "inside" | "after" | "plain";
  private held = "";
  private fence: FenceReader | null = null;
  /** All that was taken so far, while it may have to be shown again. */
  private taken: string[] = [];

  /** `keep`: a fence is the user's own, and shown. */
  constructor(keep = false) {
    this.state = keep ? "plain" : "start";
  }

  feed(text: string): AnswerStep {
    this.held += text;
    return this.step(false);
  }

  end(): AnswerStep {
    return this.step(true);
  }

  private step(last: boolean): AnswerStep {
    if (this.state === "start") this.start(last);
    const inside = this.state === "inside" ? this.readInside(last) : null;
    const again = this.state === "after" && this.held.trim() !== "";
    if (again) this.giveUp();
    const plain = this.state === "plain" ? this.readPlain(last) : null;
    return { again, lines: "", partial: "", ...(plain ?? inside) };
  }

  private start(last: boolean): void {
    this.held = this.held.replace(/^\n+/, "");
    const feed = this.held.indexOf("\n");
    const line = feed === -1 ? this.held : this.held.slice(0, feed);
    if (feed === -1 && !last && line.length < LONG_LINE && MAYBE_OPENING.test(line)) return;
    if (!OPENING.test(line)) {
      this.state = "plain";
      return;
    }
    const opening = openingFence(line);
    this.info = opening.info;
    this.fence = new FenceReader({ ...opening, indent: 0 });
    this.state = "inside";
    this.take(feed === -1 ? "" : this.held.slice(feed + 1));
  }

  private take(rest: string): void {
    this.taken.push(this.held.slice(0, this.held.length - rest.length));
    this.held = rest;
  }

  private readInside(last: boolean): Omit<AnswerStep, "again"> {
    const { text, rest, closed } = this.fence!.read(this.held, last);
    this.take(rest);
    if (closed) this.state = "after";
    return { lines: text, partial: closed ? "" : this.fence!.partial(rest) };
  }

  /** Something follows the closing fence. */
  private giveUp(): void {
    this.held = this.taken.join("") + this.held;
    this.taken = [];
    this.info = "";
    this.state = "plain";
  }

  private readPlain(last: boolean): Omit<AnswerStep, "again"> {
    const end = last ? this.held.length : this.held.lastIndexOf("\n") + 1;
    const lines = this.held.slice(0, end);
    this.held = this.held.slice(end);
    return { lines, partial: this.held };
  }
}
