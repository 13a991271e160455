// Owns staying at the bottom: a scroller that is there when the page grows, stays there. Never moves one
// that the reader has scrolled away.

const NEAR = 24;
const LOOK_AGAIN_MS = 1000;

interface Place {
  /** Whether the end is kept in sight, and how far down that was when the frame ended. */
  kept: boolean;
  top: number;
}

export class BottomKeeper {
  private scrollers: HTMLElement[] = [];
  private looked = -Infinity;
  private readonly places = new WeakMap<HTMLElement, Place>();

  constructor(private readonly element: HTMLElement) {}

  /** Call before the page changes, in the same frame. */
  before(now: number): void {
    if (now - this.looked > LOOK_AGAIN_MS) {
      this.looked = now;
      this.scrollers = scrollersOf(this.element);
    }
    for (const scroller of this.scrollers) this.places.set(scroller, this.placeOf(scroller));
  }

  /** Call after the page changed. */
  after(): void {
    for (const scroller of this.scrollers) {
      const place = this.places.get(scroller);
      if (!place?.kept) continue;
      if (distance(scroller) > 1) scroller.scrollTop = scroller.scrollHeight;
      place.top = scroller.scrollTop;
    }
  }

  /** What grows between two frames (a note, a picture) takes nobody from the end; who scrolls up leaves it. */
  private placeOf(scroller: HTMLElement): Place {
    const before = this.places.get(scroller);
    const top = scroller.scrollTop;
    const stayed = before !== undefined && before.kept && top >= before.top - 1;
    return { kept: this.canGrow(scroller) && (distance(scroller) <= NEAR || stayed), top };
  }

  /** A page that has room does not begin to scroll; the scroller made for the element alone does. */
  private canGrow(scroller: HTMLElement): boolean {
    return scroller.scrollHeight > scroller.clientHeight || scroller === this.element.parentElement;
  }
}

const distance = (s: HTMLElement): number => s.scrollHeight - s.clientHeight - s.scrollTop;

function scrollersOf(element: HTMLElement): HTMLElement[] {
  const found: HTMLElement[] = [];
  for (let at: Node | null = element; at; at = at instanceof ShadowRoot ? at.host : at.parentNode) {
    if (at instanceof HTMLElement && /auto|scroll/.test(getComputedStyle(at).overflowY)) found.push(at);
  }
  return found;
}
