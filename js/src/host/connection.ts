// Folder host: owns what the page around a view must be asked or told: the kernel's channel, JupyterLab's cells, keys
// and elements, the browser's downloads. Draws nothing.
//
// Owns a page view's tie to its kernel: messages, whether the kernel is there, asking again for what was missed, and
// the kernel's time between its messages. Does not know what a message says.
import type { State } from "../protocol/reduce_turn";
import { isRunning, type WidgetModel } from "../protocol/turn";

const TICK_MS = 1000;
const ASK_AGAIN_MS = 2000;
/** Jupyter's widgets say with these that the channel closed, or that the kernel restarts. */
const LOST = ["comm:close", "comm_live_update"];

export interface ConnectionHooks {
  readonly onMessage: (content: unknown, buffers: unknown) => void;
  /** The kernel was lost, or is back. */
  readonly onAlive: () => void;
  /** Comes once a second. */
  readonly onTick: () => void;
}
interface Told {
  readonly ms: number;
  readonly epoch: number;
  readonly at: number;
}

/** Made by a view; ends with `signal`. What it knows of one turn has the turn's id, in a cell "". */
export class Connection<Message> {
  alive = true;
  private readonly asked = new Map<string, number>();
  private readonly told = new Map<string, Told>();

  constructor(private readonly model: WidgetModel, private readonly hooks: ConnectionHooks, signal: AbortSignal) {
    const onMessage = (content: unknown, buffers?: unknown): void => {
      if (signal.aborted) return;
      this.setAlive(true); // a message shows that the kernel is back
      hooks.onMessage(content, buffers);
    };
    const onLost = (): void => this.setAlive(false);
    model.on("msg:custom", onMessage);
    for (const name of LOST) model.on(name, onLost);
    const clock = setInterval(hooks.onTick, TICK_MS);
    signal.addEventListener("abort", () => {
      model.off("msg:custom", onMessage);
      for (const name of LOST) model.off(name, onLost);
      clearInterval(clock);
    });
  }

  send(message: Message, buffers?: readonly ArrayBuffer[]): void {
    if (buffers) this.model.send(message, undefined, buffers);
    else this.model.send(message);
  }

  /** Asks for a turn, or for the whole view (""). */
  ask(id: string, message: Message): void {
    this.asked.set(id, performance.now());
    this.send(message);
  }

  /** Asks for what was missed, again every two seconds: call it as often as you like. */
  heal(id: string, message: Message): void {
    if (performance.now() - (this.asked.get(id) ?? -Infinity) >= ASK_AGAIN_MS) this.ask(id, message);
  }

  /** The turn's state is new: the kernel may have told its time. */
  note(id: string, { have, epoch, turn }: State): void {
    const known = this.told.get(id);
    if (have === null || (known?.ms === turn.elapsed_ms && known.epoch === epoch)) return;
    this.told.set(id, { ms: turn.elapsed_ms, epoch, at: performance.now() });
  }

  /** How long the turn has run by now: the kernel's count goes on here between its messages. */
  elapsed(id: string, { turn }: State): number {
    const told = this.told.get(id);
    return isRunning(turn) && told ? told.ms + performance.now() - told.at : turn.elapsed_ms;
  }

  /** Keeps nothing of turns that are not there any more. */
  forget(isThere: (id: string) => boolean): void {
    for (const map of [this.asked, this.told]) for (const id of map.keys()) if (id !== "" && !isThere(id)) map.delete(id);
  }

  private setAlive(alive: boolean): void {
    if (alive === this.alive) return;
    this.alive = alive;
    this.hooks.onAlive();
  }
}
