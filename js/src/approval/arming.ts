// Owns whether a click can have been meant for a control: not while it has just appeared, or has moved
// under the pointer. Does not act.

const REST_MS = 300;
const LOOK_MS = 100;
const MOVED_PX = 6;

export class Arming {
  private since = Infinity;
  private timer: ReturnType<typeof setInterval> | undefined;
  private place: DOMRect | null = null;

  constructor(private readonly element: HTMLElement) {}

  /** It is on the page from now on. */
  start(): void {
    if (this.timer !== undefined) return;
    this.restart();
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** Something new stands where a click could go. */
  restart(): void {
    this.since = performance.now();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.since = Infinity;
  }

  isArmed(): boolean {
    this.look();
    return performance.now() - this.since >= REST_MS;
  }

  private look(): void {
    const place = this.element.getBoundingClientRect();
    const before = this.place;
    this.place = place;
    if (!before) return;
    const moved = Math.max(Math.abs(place.left - before.left), Math.abs(place.top - before.top));
    if (moved > MOVED_PX) this.restart();
    if (!this.element.isConnected) this.stop();
  }
}
