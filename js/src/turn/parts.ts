// Owns the drawing of each kind of part of a turn. Does not order parts, schedule or scroll.
import type { Send } from "../approval/card";
import { h, setText } from "../page/dom";
import type { NoticePart, Part, ProgressPart, TextPart, ThinkingPart } from "../protocol/turn";
import { bytes, count, seconds, wholeSeconds } from "../text/format";
import { prose } from "../text/hazards";
import type { PartContext, PartView } from "./part";
import { PlainStream } from "./plain";
import { makeSink, type Sink } from "./sinks";
import { StepView } from "./step";
import { ToolView } from "./tool";

/** `send` carries what a person decides about a call. */
export function makePart(part: Part, send: Send): PartView {
  switch (part.type) {
    case "text":
      return new TextView(part) as PartView;
    case "thinking":
      return new ThinkingView() as PartView;
    case "tool":
      return new ToolView(part, send) as PartView;
    case "notice":
      return new NoticeView() as PartView;
    case "progress":
      return new ProgressView() as PartView;
    case "step":
      return new StepView(part) as PartView;
    default:
      return new UnknownView();
  }
}

/** Returns what `now` adds to `before`, or null if it does not continue it. */
function added(before: string, now: string): string | null {
  return now.startsWith(before) ? now.slice(before.length) : null;
}

class TextView implements PartView<TextPart> {
  readonly element = h("div", "lnb-text");
  private sink: Sink | null = null;
  private seen = "";
  private readonly format: TextPart["format"];
  private readonly isValue: boolean;
  private over = false;

  constructor(part: TextPart) {
    this.format = part.format;
    this.isValue = part.value === true;
    this.element.dir = "auto";
  }

  accepts(part: Part): boolean {
    if (part.type !== "text" || part.format !== this.format || (part.value === true) !== this.isValue) return false;
    return added(this.seen, part.text) !== null && !this.reopened(part);
  }

  private reopened(part: TextPart): boolean {
    return this.over && part.text !== this.seen;
  }

  update(part: TextPart, context: PartContext): void {
    const more = part.text.slice(this.seen.length);
    this.sink ??= makeSink(this.element, this.format, this.isValue);
    if (more !== "") this.sink.feed(more);
    this.seen = part.text;
    const over = !context.running || !context.last;
    if (over && !this.over) this.sink.end();
    this.over ||= over;
    this.element.classList.toggle("lnb-writing", !over);
  }

  work(spent: () => boolean): boolean {
    return this.sink?.work(spent) ?? true;
  }
}

class ThinkingView implements PartView<ThinkingPart> {
  readonly element = h("details", "lnb-thinking");
  private readonly label = h("span", "lnb-thinking-label");
  private readonly body = h("div", "lnb-thinking-body");
  private readonly stream = new PlainStream(this.body);
  private seen = "";
  private started: number | null = null;
  private took: number | null = null;
  private over = false;
  private chosen = false;

  constructor() {
    this.element.open = true;
    this.body.dir = "auto";
    const summary = h("summary", "", this.label);
    // A person's own choice wins over ours.
    summary.addEventListener("click", () => (this.chosen = true));
    this.element.append(summary, this.body);
  }

  accepts(part: Part): boolean {
    return part.type === "thinking" && added(this.seen, part.text) !== null;
  }

  update(part: ThinkingPart, context: PartContext): void {
    const first = this.started === null;
    this.started ??= context.now;
    this.stream.feed(part.text.slice(this.seen.length));
    this.seen = part.text;
    const over = part.done || !context.last || !context.running;
    if (over && !this.over) {
      this.over = true;
      this.stream.end();
      // Seen only as a whole (a page that was reloaded): how long it took is not known here.
      this.took = part.elapsed_ms ?? (first ? null : context.now - this.started);
      if (!this.chosen) this.element.open = false;
    }
    this.tick(context);
  }

  tick(context: PartContext): void {
    setText(this.label, this.over ? this.summary() : this.running(context.now));
    this.element.classList.toggle("lnb-busy", !this.over);
  }

  private running(now: number): string {
    const ms = now - (this.started ?? now);
    return ms < 1000 ? "Thinking…" : `Thinking… ${wholeSeconds(ms)}`;
  }

  private summary(): string {
    return this.took === null ? "Thought" : `Thought for ${seconds(this.took)}`;
  }

  work(): boolean {
    return true;
  }
}

class NoticeView implements PartView<NoticePart> {
  readonly element = h("div", "lnb-notice");
  constructor() {
    this.element.setAttribute("role", "status");
  }
  accepts(part: Part): boolean {
    return part.type === "notice";
  }
  update(part: NoticePart): void {
    setText(this.element, prose(part.text));
  }
  work(): boolean {
    return true;
  }
}

class ProgressView implements PartView<ProgressPart> {
  readonly element = h("div", "lnb-progress");
  private readonly label = h("span", "lnb-progress-label");
  private readonly numbers = h("span", "lnb-progress-numbers");
  private readonly bar = h("progress");

  constructor() {
    this.element.append(this.label, this.numbers, this.bar);
  }
  accepts(part: Part): boolean {
    return part.type === "progress";
  }
  update({ label, done, total, unit }: ProgressPart): void {
    setText(this.label, prose(label));
    this.bar.setAttribute("aria-label", prose(label));
    const known = total !== null && total > 0;
    const write = unit ? count : bytes;
    const ending = unit ? ` ${prose(unit)}` : "";
    setText(this.numbers, (known ? `${write(done)} of ${write(total)}` : write(done)) + ending);
    if (known) {
      this.bar.max = total;
      this.bar.value = Math.min(done, total);
    } else this.bar.removeAttribute("value");
    this.element.classList.toggle("lnb-full", known && done >= total);
  }
  work(): boolean {
    return true;
  }
}

/** A kind of part that a newer kernel knows and this page does not. */
class UnknownView implements PartView {
  readonly element = h("div", "lnb-unknown");
  accepts(part: Part): boolean {
    return !["text", "thinking", "tool", "notice", "progress", "step"].includes(part.type);
  }
  update(part: Part): void {
    setText(this.element, prose(`[${part.type}]`));
  }
  work(): boolean {
    return true;
  }
}
