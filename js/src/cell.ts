// Owns a cell's view: messages in, clock, what a screen reader hears, cleanup. Does not know when or how a part
// is drawn.
import { listenForActions } from "./page/actions";
import { h, setText } from "./page/dom";
import { FrameLoop, type Painter } from "./page/frame";
import type { Incoming, Outgoing, Rest, WidgetModel } from "./protocol/turn";
import { INITIAL, reduce, type State } from "./protocol/reduce_turn";
import { putToRest } from "./host/saved";
import { approvalNeeded, isRunning, TurnView } from "./turn/turn";

const TICK_MS = 1000;
const ATTACH_AGAIN_MS = 2000;
const LOST = ["comm:close", "comm_live_update"];
const KINDS = new Set(["snapshot", "delta", "tick"]);

export interface RenderContext {
  readonly model: WidgetModel;
  readonly el: HTMLElement;
}

/** Draws into `el` until the returned function is called, which takes away every listener and timer. */
export function render({ model, el }: RenderContext): () => void {
  const view = new CellView(model, el);
  return () => view.dispose();
}

class CellView implements Painter {
  private state: State = INITIAL;
  private readonly stopAll = new AbortController();
  private readonly turn: TurnView;
  private readonly frames: FrameLoop;
  private readonly said = h("div", "lnb-offscreen");
  private readonly root: HTMLElement;
  private alive = true;
  /** Whether a call has waited for a person: after it, the answer does not begin again. */
  private needed = false;
  private asked = -Infinity;
  private told = { ms: 0, at: performance.now() };

  constructor(private readonly model: WidgetModel, el: HTMLElement) {
    const { signal } = this.stopAll;
    this.turn = new TurnView({ onStop: () => this.send({ kind: "stop" }), onDecide: (message) => this.send(message) });
    this.said.setAttribute("role", "status");
    this.said.setAttribute("aria-live", "polite");
    this.root = h("div", "lnb-root", this.turn.element, this.said);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Model answer");
    this.frames = new FrameLoop(this.root, this.root, this, signal);
    listenForActions(this.root, signal);
    el.append(this.root);
    this.listen(signal);
    this.attach();
    this.frames.schedule();
  }

  dispose(): void {
    this.stopAll.abort();
    this.root.remove();
  }

  private listen(signal: AbortSignal): void {
    const onMessage = (content: unknown): void => this.receive(content);
    this.model.on("msg:custom", onMessage);
    // Jupyter's widgets say that the channel closed, or that the kernel restarts. A message shows that it is back.
    const onLost = (): void => this.setAlive(false);
    for (const name of LOST) this.model.on(name, onLost);
    const clock = setInterval(() => this.tick(), TICK_MS);
    signal.addEventListener("abort", () => {
      this.model.off("msg:custom", onMessage);
      for (const name of LOST) this.model.off(name, onLost);
      clearInterval(clock);
    });
  }

  private receive(content: unknown): void {
    if (this.stopAll.signal.aborted) return;
    if (isRest(content)) putToRest(this.model.widget_manager, content);
    if (!isMessage(content)) return;
    this.setAlive(true);
    const before = this.state;
    this.state = reduce(before, content);
    if (this.state === before) return;
    if (this.state.turn.elapsed_ms !== before.turn.elapsed_ms || this.state.epoch !== before.epoch) {
      this.told = { ms: this.state.turn.elapsed_ms, at: performance.now() };
    }
    if (this.state.lost && !before.lost) this.attach();
    this.frames.schedule();
  }

  private setAlive(alive: boolean): void {
    if (alive === this.alive) return;
    this.alive = alive;
    this.frames.schedule();
  }

  private send(message: Outgoing): void {
    this.model.send(message);
  }

  private attach(): void {
    this.asked = performance.now();
    this.send({ kind: "attach", have: this.state.have });
  }

  private tick(): void {
    if (this.state.lost && performance.now() - this.asked >= ATTACH_AGAIN_MS) this.attach();
    if (isRunning(this.state.turn)) this.turn.tick(this.elapsed());
  }

  /** The kernel's count goes on here between its messages. */
  private elapsed(): number {
    const { turn } = this.state;
    if (!isRunning(turn) || this.state.have === null) return turn.elapsed_ms;
    return this.told.ms + performance.now() - this.told.at;
  }

  update(): void {
    this.turn.update(this.state.turn, this.elapsed(), this.alive);
    this.announce();
  }

  work(spent: () => boolean): boolean {
    return this.turn.work(spent);
  }

  /** A screen reader hears the start, the end, and what needs a person, not each word. */
  private announce(): void {
    if (this.state.have === null) return;
    const { status, error } = this.state.turn;
    const needed = approvalNeeded(this.state.turn);
    if (needed !== "") this.needed = true;
    if (needed !== "" || (this.needed && isRunning(this.state.turn))) return setText(this.said, needed);
    if (status === "waiting") return;
    const words = {
      streaming: "The answer has begun.",
      done: "The answer is complete.",
      interrupted: "The answer was interrupted.",
      error: error ? "" : "The answer failed.",
    };
    setText(this.said, words[status] ?? "");
  }
}

function isMessage(content: unknown): content is Incoming {
  return KINDS.has(kindOf(content) as string);
}

function isRest(content: unknown): content is Rest {
  return kindOf(content) === "rest";
}

function kindOf(content: unknown): unknown {
  return typeof content === "object" && content !== null ? (content as { kind?: unknown }).kind : undefined;
}
