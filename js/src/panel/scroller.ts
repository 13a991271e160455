// Owns what of a conversation is in sight: at the newest when asked for, in its place while older turns come before
// it. Does not know the turns, nor where older ones come from.
import { setAction } from "../page/actions";
import { button, h } from "../page/dom";
import { holdsFocus } from "../page/focus";
import type { PanelState } from "../protocol/reduce_panel";

const OLDER_MS = 50;
/** Pixels from the end from which on a way back to it is offered. */
const FAR = 120;

export interface ScrollerHooks {
  readonly onOlder: () => void;
  /** The reader wants to go somewhere: draw. */
  readonly onMove: () => void;
}

/** Made once a view; what scrolls goes into `box`. `painted` comes with each frame. */
export class Scroller {
  readonly box: HTMLElement;
  readonly element: HTMLElement;
  private readonly older = button("lnb-act lnb-older", "Show older turns", "Show older turns");
  private readonly latest = button("lnb-latest", "Go to the newest answer", "↓");
  private toBottom = true;
  private olderAsked: string | undefined;
  private firstShown: string | undefined;
  private height = 0;

  constructor(private readonly hooks: ScrollerHooks, private readonly signal: AbortSignal) {
    this.box = h("div", "lnb-scroller", this.older);
    this.box.setAttribute("role", "log");
    this.box.setAttribute("aria-live", "off"); // each word would be read out
    this.box.setAttribute("aria-label", "Conversation");
    this.box.tabIndex = 0;
    this.older.hidden = this.latest.hidden = true;
    this.element = h("div", "lnb-stage", this.box, this.latest);
    setAction(this.older, () => hooks.onOlder());
    setAction(this.latest, () => {
      this.goToEnd();
      hooks.onMove();
    });
    this.box.addEventListener("scroll", () => this.offerLatest(), { signal, passive: true });
  }

  /** The newest is in sight when all of it is drawn. */
  goToEnd(): void {
    this.toBottom = true;
  }

  /** Changes `list`; what is read stays where it is while older turns come before it. */
  update(state: PanelState, list: HTMLElement, change: () => void): void {
    this.older.hidden = state.left === 0;
    const before = this.firstShown;
    this.firstShown = state.order[0];
    const first = before === this.firstShown ? null : list.firstElementChild;
    const top = first?.getBoundingClientRect().top ?? 0; // lays all out, so only where it is needed
    change();
    if (first?.isConnected) this.box.scrollTop += first.getBoundingClientRect().top - top;
  }

  /** The frame's changes are in the page; `done`: nothing is left to draw. */
  painted(state: PanelState, done: boolean): void {
    if (this.toBottom && state.have !== null) {
      this.box.scrollTop = this.box.scrollHeight;
      this.toBottom = !done;
    }
    const first = state.order[0];
    if (!done || state.left === 0 || first === this.olderAsked) return;
    // The rest comes page by page, so that the browser's search and a screen reader find all of it.
    this.olderAsked = first;
    setTimeout(() => this.signal.aborted || this.hooks.onOlder(), OLDER_MS);
  }

  /** Somebody who writes in `field` keeps what they write in sight while `root` grows. */
  keepField(root: HTMLElement, field: HTMLElement): void {
    const { offsetHeight } = root;
    if (offsetHeight === this.height) return;
    this.height = offsetHeight;
    if (holdsFocus(field)) field.scrollIntoView({ block: "nearest" });
  }

  private offerLatest(): void {
    const { scrollHeight, clientHeight, scrollTop } = this.box;
    this.latest.hidden = scrollHeight - clientHeight - scrollTop < FAR;
  }
}
