// Owns when a view draws: at most once a frame and within a budget, with our style in the page, and with
// scrollers that are at their end staying there. Does not know what is drawn.
import { BottomKeeper } from "./scroll";
import { addStyle } from "./style";

/** Work of ours in one frame ends after this; the rest goes on in the next. */
const FRAME_MS = 6;

export interface Painter {
  /** The root is in the page; called once, in the first frame that finds it there. */
  mounted?(): void;
  /** Brings the page up to the newest state; called once a frame, only after `schedule`. */
  update(): void;
  /** Draws what is new until all is drawn or `spent` says that the time is up. Returns whether all is drawn. */
  work(spent: () => boolean): boolean;
  /** The frame's changes are in the page; `done`: nothing is left to draw. */
  painted?(done: boolean): void;
}

/** Made by a view for its root; ends with `signal`. `kept` is what grows inside the scrollers. */
export class FrameLoop {
  private readonly keeper: BottomKeeper;
  private frame = 0;
  private changed = false;
  private mounted = false;

  constructor(
    private readonly root: HTMLElement,
    kept: HTMLElement,
    private readonly painter: Painter,
    signal: AbortSignal,
  ) {
    this.keeper = new BottomKeeper(kept);
    signal.addEventListener("abort", () => cancelAnimationFrame(this.frame));
  }

  /** The state is new: the next frame shows it. */
  schedule(): void {
    this.changed = true;
    this.next();
  }

  private next(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame((now) => this.paint(now));
  }

  private paint(now: number): void {
    this.frame = 0;
    if (!this.mounted && this.root.isConnected) {
      this.mounted = true;
      addStyle(this.root);
      this.painter.mounted?.();
    }
    this.keeper.before(now);
    const end = performance.now() + FRAME_MS;
    if (this.changed) {
      this.changed = false;
      this.painter.update();
    }
    const done = this.painter.work(() => performance.now() > end);
    this.keeper.after();
    this.painter.painted?.(done);
    if (!done) this.next();
  }
}
