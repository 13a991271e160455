// Owns the turns of a panel on the page, in order. One far from what is seen rests as plain text, which the
// browser's search and screen readers reach, and is drawn when the reader comes near. Does not schedule or send.
import { h, setText } from "../page/dom";
import { holdsFocus } from "../page/focus";
import type { Entry } from "../protocol/reduce_panel";
import { isRunning } from "../protocol/turn";
import { prose } from "../text/hazards";
import { answerOf, type EntryContext, EntryView } from "./entry";

/** The newest are drawn at once; of the others this many stay drawn, whoever has read them. */
const NEWEST = 8;
const MOST = 100;
const NEAR = "800px 0px";
/** Characters of a question that name a resting turn. */
const NAME = 120;

export interface ListHooks {
  readonly make: (entry: Entry, signal: AbortSignal) => EntryView;
  readonly context: (entry: Entry) => EntryContext;
  /** A turn came near: there is something to draw. */
  readonly onNear: () => void;
}
interface Slot {
  entry: Entry;
  element: HTMLElement;
  view: EntryView | null;
  stop: AbortController;
  /** The state that is drawn, null where its controls must be drawn again. */
  drawn: Entry | null;
  near: boolean;
}

/** Made once a view; `update` with each state, then `work` until it returns true. */
export class EntryList {
  readonly element = h("div", "lnb-list");
  private readonly slots = new Map<string, Slot>();
  private readonly byElement = new WeakMap<Element, Slot>();
  private readonly watcher: IntersectionObserver;
  private order: readonly Slot[] = [];

  constructor(private readonly hooks: ListHooks, scroller: HTMLElement, signal: AbortSignal) {
    this.watcher = new IntersectionObserver((seen) => this.look(seen), { root: scroller, rootMargin: NEAR });
    signal.addEventListener("abort", () => this.dispose());
  }

  /** Brings slots into order. Those that are drawn show their new state. */
  update(order: readonly string[], entries: ReadonlyMap<string, Entry>): void {
    this.dropOthers(new Set(order));
    this.order = order.map((id) => this.slotOf(entries.get(id)!));
    let at = this.element.firstElementChild;
    for (const slot of this.order) {
      if (at === slot.element) at = at.nextElementSibling;
      else this.element.insertBefore(slot.element, at);
      if (slot.view) this.show(slot);
      else if (slot.drawn !== slot.entry) this.write(slot);
    }
  }

  /** What can be done with the turns has changed: `update` draws all controls again. */
  refresh(): void {
    for (const slot of this.slots.values()) if (slot.view) slot.drawn = null;
  }

  tick(): void {
    for (const { view, entry } of this.order) {
      if (view && isRunning(entry.state.turn)) view.tick(this.hooks.context(entry).elapsed);
    }
  }

  /** Draws what is wanted, the newest first. */
  work(spent: () => boolean): boolean {
    for (let index = this.order.length - 1; index >= 0; index--) {
      const slot = this.order[index]!;
      if (!slot.view && this.wanted(slot, index)) this.build(slot);
      if (slot.view && (!slot.view.work(spent) || spent())) return index === 0 && slot.view.work(spent);
    }
    this.rest();
    return true;
  }

  private dispose(): void {
    this.watcher.disconnect();
    for (const slot of this.slots.values()) slot.stop.abort();
    this.slots.clear();
    this.order = [];
  }

  private wanted({ near, entry }: Slot, index: number): boolean {
    return near || index >= this.order.length - NEWEST || isRunning(entry.state.turn);
  }

  private slotOf(entry: Entry): Slot {
    const old = this.slots.get(entry.id);
    if (old) {
      old.entry = entry;
      return old;
    }
    const slot: Slot = { entry, element: plain(), view: null, stop: new AbortController(), drawn: null, near: false };
    this.slots.set(entry.id, slot);
    this.byElement.set(slot.element, slot);
    this.watcher.observe(slot.element);
    return slot;
  }

  private dropOthers(shown: ReadonlySet<string>): void {
    for (const [id, slot] of this.slots) {
      if (shown.has(id)) continue;
      this.watcher.unobserve(slot.element);
      slot.stop.abort();
      slot.element.remove();
      this.slots.delete(id);
    }
  }

  private look(seen: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of seen) {
      const slot = this.byElement.get(target);
      if (slot) slot.near = isIntersecting;
    }
    this.hooks.onNear();
  }

  private show(slot: Slot): void {
    if (slot.drawn === slot.entry) return;
    slot.drawn = slot.entry;
    slot.view!.update(slot.entry, this.hooks.context(slot.entry));
  }

  private write(slot: Slot): void {
    slot.drawn = slot.entry;
    const [question, answer] = slot.element.children;
    const asked = prose(slot.entry.question);
    setText(question!, asked);
    slot.element.setAttribute("aria-label", `Question and answer: ${asked.slice(0, NAME)}`);
    setText(answer!, prose(answerOf(slot.entry)));
  }

  private build(slot: Slot): void {
    slot.view = this.hooks.make(slot.entry, slot.stop.signal);
    slot.drawn = null;
    this.exchange(slot, slot.view.element);
    this.show(slot);
  }

  private exchange(slot: Slot, element: HTMLElement): void {
    this.watcher.unobserve(slot.element);
    slot.element.replaceWith(element);
    slot.element = element;
    this.byElement.set(element, slot);
    this.watcher.observe(element);
  }

  /** The oldest of too many go back to plain text, but none that somebody reads or uses. */
  private rest(): void {
    const drawn = this.order.filter((slot, index) => slot.view && !this.wanted(slot, index));
    const many = drawn.slice(0, Math.max(0, drawn.length - MOST));
    for (const slot of many) {
      if (isUsed(slot.element)) continue;
      slot.stop.abort();
      slot.stop = new AbortController();
      slot.view = slot.drawn = null;
      this.exchange(slot, plain());
      this.write(slot);
    }
  }
}

function plain(): HTMLElement {
  const element = h("article", "lnb-entry lnb-resting", h("div", "lnb-question"), h("div", "lnb-plain"));
  for (const child of element.children) (child as HTMLElement).dir = "auto";
  return element;
}

function isUsed(element: HTMLElement): boolean {
  return holdsFocus(element) || (document.getSelection()?.containsNode(element, true) ?? false);
}
