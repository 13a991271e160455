// Owns the fold of one step of a chain: title, state, usage, and a box for the parts that belong to it.
// Does not draw those parts.
import { h, setText } from "../page/dom";
import type { Part, StepPart, StepStatus } from "../protocol/turn";
import { footerItems, wholeSeconds } from "../text/format";
import { prose } from "../text/hazards";
import type { PartContext } from "./part";

const MARKS: Readonly<Record<StepStatus, string>> = { running: "…", done: "✓", error: "!", interrupted: "■" };
const WORDS: Readonly<Record<StepStatus, string>> = {
  running: "running",
  done: "done",
  error: "failed",
  interrupted: "interrupted",
};

/** Open while it is the last one, closed when the next begins, unless the reader chose otherwise. */
export class StepView {
  readonly element = h("details", "lnb-step");
  readonly body = h("div", "lnb-step-body");
  private readonly mark = h("span", "lnb-tool-mark");
  private readonly title = h("span", "lnb-step-title");
  private readonly usage = h("span", "lnb-step-usage");
  private part: StepPart;
  private chosen = false;

  constructor(part: StepPart) {
    this.part = part;
    const summary = h("summary", "", this.mark, this.title, this.usage);
    summary.addEventListener("click", () => (this.chosen = true));
    this.element.append(summary, this.body);
  }

  accepts(part: Part): boolean {
    return part.type === "step" && part.title === this.part.title && part.began_ms === this.part.began_ms;
  }

  update(part: StepPart, context: PartContext): void {
    this.part = part;
    if (!this.chosen) this.element.open = context.last;
    setText(this.title, prose(part.title));
    this.tick(context);
  }

  tick({ running, now }: PartContext): void {
    const { part } = this;
    const known = part.status in MARKS ? part.status : "running";
    const status = known === "running" && !running ? "done" : known;
    this.element.className = `lnb-step lnb-step-${status}`;
    setText(this.mark, MARKS[status]);
    this.mark.setAttribute("role", "img");
    this.mark.setAttribute("aria-label", WORDS[status]);
    const ms = now - part.began_ms;
    const time = ms < 1000 ? "" : wholeSeconds(ms);
    const items = footerItems({ footer: part }, part.elapsed_ms ?? 0).map(prose);
    setText(this.usage, status === "running" ? time : items.join(" · "));
  }

  work(): boolean {
    return true;
  }
}
