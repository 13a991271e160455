// Owns a cell's view: messages in, what a screen reader hears, cleanup. Does not know when or how a part is drawn.
import { Connection } from "./host/connection";
import { putToRest } from "./host/saved";
import { listenForActions } from "./page/actions";
import { h, setText } from "./page/dom";
import { FrameLoop, type Painter } from "./page/frame";
import { INITIAL, reduce, type State } from "./protocol/reduce_turn";
import { type Incoming, isRunning, type Outgoing, type Rest, type WidgetModel } from "./protocol/turn";
import { approvalNeeded, TurnView } from "./turn/turn";

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
  private readonly connection: Connection<Outgoing>;
  private readonly turn: TurnView;
  private readonly frames: FrameLoop;
  private readonly said = h("div", "lnb-offscreen");
  private readonly root: HTMLElement;
  /** Whether a call has waited for a person: after it, the answer does not begin again. */
  private needed = false;

  constructor(private readonly model: WidgetModel, el: HTMLElement) {
    const { signal } = this.stopAll;
    const onDecide = (message: Outgoing): void => this.connection.send(message);
    this.turn = new TurnView({ onStop: () => this.connection.send({ kind: "stop" }), onDecide });
    this.said.setAttribute("role", "status");
    this.said.setAttribute("aria-live", "polite");
    this.root = h("div", "lnb-root", this.turn.element, this.said);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Model answer");
    this.frames = new FrameLoop(this.root, this.root, this, signal);
    listenForActions(this.root, signal);
    el.append(this.root);
    const onMessage = (content: unknown): void => this.receive(content);
    const hooks = { onMessage, onAlive: () => this.frames.schedule(), onTick: () => this.tick() };
    this.connection = new Connection(model, hooks, signal);
    this.attach();
    this.frames.schedule();
  }

  dispose(): void {
    this.stopAll.abort();
    this.root.remove();
  }

  private receive(content: unknown): void {
    if (isRest(content)) putToRest(this.model.widget_manager, content);
    if (!isMessage(content)) return;
    const before = this.state;
    this.state = reduce(before, content);
    if (this.state === before) return;
    this.connection.note("", this.state);
    if (this.state.lost && !before.lost) this.attach();
    this.frames.schedule();
  }

  private attach(): void {
    this.connection.ask("", this.attachment());
  }

  private attachment(): Outgoing {
    return { kind: "attach", have: this.state.have };
  }

  private tick(): void {
    if (this.state.lost) this.connection.heal("", this.attachment());
    if (isRunning(this.state.turn)) this.turn.tick(this.connection.elapsed("", this.state));
  }

  update(): void {
    this.turn.update(this.state.turn, this.connection.elapsed("", this.state), this.connection.alive);
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
