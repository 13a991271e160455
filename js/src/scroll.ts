// Owns staying at the bottom: a scroller that is there when the page grows, stays there. Never moves one
// that the reader has scrolled away.

const NEAR = 24;
const LOOK_AGAIN_MS = 1000;

export class BottomKeeper {
  private scrollers: HTMLElement[] = [];
  private looked = -Infinity;
  private atBottom: HTMLElement[] = [];

  constructor(private readonly element: HTMLElement) {}

  /** Call before the page changes, in the same frame. */
  before(now: number): void {
    if (now - this.looked > LOOK_AGAIN_MS) {
      this.looked = now;
      this.scrollers = scrollersOf(this.element);
    }
    this.atBottom = this.scrollers.filter((s) => this.canGrow(s) && distance(s) <= NEAR);
  }

  /** Call after the page changed. */
  after(): void {
    for (const scroller of this.atBottom) if (distance(scroller) > 1) scroller.scrollTop = scroller.scrollHeight;
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
