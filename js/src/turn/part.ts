// Owns what every part of a turn on the page can do, and what it may know. Draws nothing itself.
import type { Part } from "../protocol/turn";

/** What a part may know of its turn. `now` is the turn's elapsed time in ms; `alive`: the kernel can be reached. */
export interface PartContext {
  readonly running: boolean;
  readonly last: boolean;
  readonly now: number;
  readonly alive: boolean;
}

/** One part on the page. `update` takes a newer version of the same part; `work` draws until done or
 * `spent`, and returns whether all is drawn; `tick` comes about once a second while the turn runs. */
export interface PartView<P extends Part = Part> {
  readonly element: HTMLElement;
  accepts(part: Part): boolean;
  update(part: P, context: PartContext): void;
  work(spent: () => boolean): boolean;
  tick?(context: PartContext): void;
}
