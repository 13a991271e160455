// Owns the drawing of one turn: its parts in order, waiting line, error, footer. The cell view and the chat
// panel draw turns with it. Does not schedule, scroll, or talk to Python.
import { setAction } from "../page/actions";
import { button, h, setClass, setHidden, setText } from "../page/dom";
import { type Decide, isRunning, type Turn } from "../protocol/turn";
import { footerItems, wholeSeconds } from "../text/format";
import { prose, visible } from "../text/hazards";
import type { PartContext, PartView } from "./part";
import { makePart } from "./parts";
import { StepView } from "./step";

export interface TurnHooks {
  /** The reader pressed Stop. */
  readonly onStop: () => void;
  /** The reader decided about a call that waits. */
  readonly onDecide: (message: Decide) => void;
}

/** Created with its hooks; `update` with each new state, then `work` until it returns true. */
export class TurnView {
  readonly element = h("div", "lnb-turn");
  private readonly parts = h("div", "lnb-parts");
  private readonly waiting = h("div", "lnb-waiting");
  private readonly error = h("div", "lnb-error");
  private readonly stop = h("div", "lnb-notice");
  private readonly footer = new FooterView();
  private readonly views: PartView[] = [];
  private turn: Turn | null = null;
  private alive = true;

  constructor(private readonly hooks: TurnHooks) {
    this.error.setAttribute("role", "alert");
    this.error.hidden = true;
    this.stop.setAttribute("role", "status");
    this.stop.hidden = true;
    setAction(this.footer.stop, () => {
      this.footer.stopping();
      hooks.onStop();
    });
    this.element.append(this.parts, this.waiting, this.error, this.stop, this.footer.element);
  }

  /** `elapsedMs`: how long the turn has run by now; `alive`: messages reach the kernel that runs it. */
  update(turn: Turn, elapsedMs: number, alive = true): void {
    this.turn = turn;
    this.alive = alive;
    const running = isRunning(turn);
    this.dropAfter(turn);
    const step = lastStep(turn);
    turn.parts.forEach((part, index) => {
      const last = index === turn.parts.length - 1 || index === step;
      this.viewAt(index, turn).update(part, { running, last, now: elapsedMs, alive });
    });
    this.placeWaiting();
    this.showError(turn);
    this.showStop(turn);
    setClass(this.element, `lnb-turn lnb-is-${turn.status}`);
    this.tick(elapsedMs);
  }

  /** Tells the time: about once a second while the turn runs. */
  tick(elapsedMs: number): void {
    const turn = this.turn;
    if (!turn) return;
    const running = isRunning(turn);
    const { alive } = this;
    const context = (index: number): PartContext => ({ running, last: index === this.views.length - 1, now: elapsedMs, alive });
    this.views.forEach((view, index) => view.tick?.(context(index)));
    setHidden(this.waiting, !running || !isWaiting(turn));
    const step = turn.parts[lastStep(turn)];
    const began = step?.type === "step" ? step.began_ms : 0;
    if (!this.waiting.hidden) setText(this.waiting, waitingText(turn, elapsedMs - began));
    this.footer.update(turn, elapsedMs);
  }

  /** Draws what is new, until all is drawn or `spent` says that the time is up. */
  work(spent: () => boolean): boolean {
    for (const view of this.views) if (!view.work(spent)) return false;
    return true;
  }

  private dropAfter(turn: Turn): void {
    this.drop(turn.parts.length);
  }

  private drop(from: number): void {
    for (const view of this.views.splice(from)) view.element.remove();
  }

  private viewAt(index: number, turn: Turn): PartView {
    const part = turn.parts[index]!;
    const old = this.views[index];
    if (old?.accepts(part)) return old;
    const fresh = makePart(part, this.hooks.onDecide);
    // What a step holds goes with it, so all that follows is drawn anew.
    if (old instanceof StepView || fresh instanceof StepView) this.drop(index);
    if (this.views[index]) this.views[index].element.replaceWith(fresh.element);
    else this.boxAt(index, fresh).append(fresh.element);
    this.views[index] = fresh;
    return fresh;
  }

  /** Where a new part goes: into the step that it belongs to. */
  private boxAt(index: number, view: PartView): HTMLElement {
    const step = view instanceof StepView ? null : this.views.slice(0, index).findLast(isStep);
    return step?.body ?? this.parts;
  }

  /** The waiting line stands where the next part will. */
  private placeWaiting(): void {
    const box = this.views.findLast(isStep)?.body;
    // Only where it has moved: what is put in its place again is styled again, with all beside it.
    if (!box && this.parts.nextSibling !== this.waiting) this.parts.after(this.waiting);
    else if (box && box.lastChild !== this.waiting) box.append(this.waiting);
  }

  /** Why the answer is not whole; an error or an interruption says more. */
  private showStop({ footer, error, status }: Turn): void {
    const note = error === null && status === "done" ? footer.stop_note : null;
    setHidden(this.stop, !note);
    if (note) setText(this.stop, prose([note, footer.stop_detail].filter(Boolean).join(" ")));
  }

  private showError({ error, status }: Turn): void {
    setHidden(this.error, error === null);
    if (error === null) return;
    const title = h("div", "lnb-error-title", prose(error.title || (status === "error" ? "Error" : "")));
    this.error.replaceChildren(title, h("div", "lnb-error-message", prose(error.message)));
  }
}

/** What a screen reader hears while calls wait for a person; "" where none does. */
export function approvalNeeded(turn: Turn): string {
  if (!isRunning(turn)) return "";
  const calls = turn.parts.flatMap((part) => (part.type === "tool" && part.status === "waiting" ? [visible(part.name)] : []));
  return calls.length === 0 ? "" : `Approval needed: ${calls.join(", ")}`;
}

function isStep(view: PartView): view is StepView & PartView {
  return view instanceof StepView;
}

/** The index of the step that runs, or ran last; -1 where there is none. */
function lastStep(turn: Turn): number {
  return turn.parts.findLastIndex((part) => part.type === "step");
}

/** Nothing but notices came yet, in this turn or in the step that runs. */
function isWaiting(turn: Turn): boolean {
  const step = lastStep(turn);
  const part = turn.parts[step];
  if (part?.type === "step" && part.status !== "running") return false;
  return turn.parts.slice(step + 1).every((other) => other.type === "notice");
}

function waitingText(turn: Turn, elapsedMs: number): string {
  const who = prose(turn.footer.model ?? "the model");
  return elapsedMs < 1000 ? `Waiting for ${who}…` : `Waiting for ${who}… ${wholeSeconds(elapsedMs)}`;
}

/** One quiet line: what answered, at what cost, and Stop while it runs. */
class FooterView {
  readonly stop = button("lnb-stop", "Stop this answer", "■ Stop");
  private readonly mark = h("span", "lnb-mark");
  private readonly line = h("span", "lnb-footer-line");
  readonly element = h("div", "lnb-footer", this.mark, this.line, this.stop);

  update(turn: Turn, elapsedMs: number): void {
    const items = footerItems(turn, elapsedMs).map(prose);
    setText(this.line, items.join(" · "));
    setText(this.mark, turn.status === "interrupted" ? "interrupted" : "");
    setHidden(this.mark, turn.status !== "interrupted");
    setHidden(this.stop, !isRunning(turn));
    setHidden(this.element, items.length === 0 && !isRunning(turn) && turn.status !== "interrupted");
  }

  stopping(): void {
    setText(this.stop, "Stopping…"); // still a button: a message may be lost
  }
}
