// Owns a chat panel's view: messages in, one paint a frame, scrolling, clock, cleanup. Does not know how an
// entry, the head or the composer is drawn.
import { listenForActions, setAction } from "./actions";
import { button, h, setText } from "./dom";
import { holdsFocus } from "./focus";
import { Composer } from "./panel_composer";
import { EntryView } from "./panel_entry";
import { saveFile } from "./panel_file";
import { HeadView } from "./panel_head";
import { isPanelMessage, makeNonce, type PanelMessage, type PanelOutgoing } from "./panel_protocol";
import { EMPTY_PANEL, reducePanel, type Entry, type PanelState } from "./panel_reduce";
import type { WidgetModel } from "./protocol";
import { BottomKeeper } from "./scroll";
import { addStyle } from "./style";
import { isRunning } from "./turn";

const FRAME_MS = 6;
const TICK_MS = 1000;
const ATTACH_AGAIN_MS = 2000;
const LOST = ["comm:close", "comm_live_update"];

/** Draws into `el` until the returned function is called. */
export function renderPanel({ model, el }: { model: WidgetModel; el: HTMLElement }): () => void {
  const view = new PanelView(model, el);
  return () => view.dispose();
}

class PanelView {
  private state: PanelState = EMPTY_PANEL;
  private readonly stopAll = new AbortController();
  private readonly head: HeadView;
  private readonly composer: Composer;
  private readonly views = new Map<string, EntryView>();
  private readonly drawn = new Map<string, Entry>();
  private readonly told = new Map<string, { ms: number; at: number }>();
  private readonly asked = new Map<string, number>();
  private readonly older = button("lnb-act lnb-older", "Show older turns", "Show older turns");
  private readonly empty = h("div", "lnb-empty");
  private readonly list = h("div", "lnb-list");
  private readonly scroller: HTMLElement;
  private readonly latest = button("lnb-latest", "Go to the newest answer", "↓");
  private readonly said = h("div", "lnb-offscreen");
  private readonly root: HTMLElement;
  private readonly keeper: BottomKeeper;
  private frame = 0;
  private changed = true;
  private styled = false;
  private alive = true;
  private toBottom = true;
  private wasRunning = false;
  private height = 0;

  constructor(private readonly model: WidgetModel, el: HTMLElement) {
    const { signal } = this.stopAll;
    this.head = new HeadView(
      {
        onRename: (title) => this.send({ kind: "rename", title }),
        onExport: (format) => this.send({ kind: "export", format }),
        onClear: () => this.send({ kind: "clear" }),
      },
      signal,
    );
    this.composer = new Composer(
      {
        onSend: (text, nonce) => {
          this.toBottom = true;
          this.send({ kind: "send", text, nonce });
        },
        onStop: () => this.send({ kind: "stop" }),
      },
      signal,
    );
    this.scroller = h("div", "lnb-scroller", this.older, this.empty, this.list);
    const stage = h("div", "lnb-stage", this.scroller, this.latest);
    this.root = h("section", "lnb-root lnb-panel", this.head.element, stage, this.composer.element, this.said);
    this.keeper = new BottomKeeper(this.list);
    this.describe();
    listenForActions(this.root, signal);
    el.append(this.root);
    this.listen(signal);
    this.attach();
    this.schedule();
  }

  dispose(): void {
    this.stopAll.abort();
    this.root.remove();
  }

  private describe(): void {
    this.root.setAttribute("aria-label", "Chat with a model");
    this.scroller.setAttribute("role", "log");
    this.scroller.setAttribute("aria-live", "off"); // each word would be read out
    this.scroller.setAttribute("aria-label", "Conversation");
    this.scroller.tabIndex = 0;
    this.said.setAttribute("role", "status");
    this.older.hidden = this.latest.hidden = true;
    this.empty.append(h("div", "lnb-empty-title", "Ask a question to begin."));
    this.empty.append(h("div", "", "Enter sends, Shift+Enter makes a new line."));
    setAction(this.older, () => {
      const first = this.state.order[0];
      if (first !== undefined) this.send({ kind: "older", id: first });
    });
    setAction(this.latest, () => {
      this.toBottom = true;
      this.schedule();
    });
  }

  private listen(signal: AbortSignal): void {
    const onMessage = (content: unknown): void => this.receive(content);
    this.model.on("msg:custom", onMessage);
    const onLost = (): void => this.setAlive(false);
    for (const name of LOST) this.model.on(name, onLost);
    const clock = setInterval(() => this.tick(), TICK_MS);
    this.scroller.addEventListener("scroll", () => this.showLatest(), { signal, passive: true });
    const onKey = (event: KeyboardEvent): void => {
      // Else the notebook takes it: it would edit or run a cell.
      if (event.key === "Enter" || event.key === " ") event.stopPropagation();
    };
    this.root.addEventListener("keydown", onKey, { signal });
    signal.addEventListener("abort", () => {
      this.model.off("msg:custom", onMessage);
      for (const name of LOST) this.model.off(name, onLost);
      clearInterval(clock);
      cancelAnimationFrame(this.frame);
    });
  }

  private receive(content: unknown): void {
    if (!isPanelMessage(content) || this.stopAll.signal.aborted) return;
    this.setAlive(true);
    if (content.kind === "file") return saveFile(content.name, content.text);
    const before = this.state;
    this.state = reducePanel(before, content);
    if (content.kind === "panel") this.note(content);
    if (content.kind === "turn") this.noteTime(content.id);
    if (this.state === before) return;
    if (this.state.lost && !before.lost) this.attach();
    this.heal();
    this.schedule();
  }

  private note({ nonce, problem }: PanelMessage): void {
    if (nonce !== undefined) this.composer.sent(nonce);
    if (problem !== undefined) setText(this.said, problem);
    for (const id of this.state.order) if (!this.told.has(id)) this.noteTime(id);
  }

  /** The kernel's count goes on here between its messages. */
  private noteTime(id: string): void {
    const entry = this.state.entries.get(id);
    const ms = entry?.state.turn.elapsed_ms ?? 0;
    if (this.told.get(id)?.ms !== ms) this.told.set(id, { ms, at: performance.now() });
  }

  private elapsed(entry: Entry): number {
    const { turn } = entry.state;
    const told = this.told.get(entry.id);
    return isRunning(turn) && told ? told.ms + performance.now() - told.at : turn.elapsed_ms;
  }

  private setAlive(alive: boolean): void {
    if (alive === this.alive) return;
    this.alive = alive;
    this.drawn.clear();
    this.schedule();
  }

  private send(message: PanelOutgoing): void {
    this.model.send(message);
  }

  private attach(): void {
    this.asked.set("", performance.now());
    this.send({ kind: "attach" });
  }

  /** Asks for each turn that missed a message, again every two seconds. */
  private heal(): void {
    const now = performance.now();
    const isDue = (id: string): boolean => now - (this.asked.get(id) ?? -Infinity) >= ATTACH_AGAIN_MS;
    if (this.state.lost && isDue("")) this.attach();
    for (const { id, state } of this.state.entries.values()) {
      if (!state.lost || !isDue(id)) continue;
      this.asked.set(id, now);
      this.send({ kind: "turn", id, message: { kind: "attach", have: state.have } });
    }
  }

  private tick(): void {
    this.heal();
    this.composer.tick();
    for (const [id, view] of this.views) {
      const entry = this.state.entries.get(id);
      if (entry && isRunning(entry.state.turn)) view.tick(this.elapsed(entry));
    }
  }

  private schedule(): void {
    this.changed = true;
    if (this.frame === 0) this.frame = requestAnimationFrame((now) => this.paint(now));
  }

  private paint(now: number): void {
    this.frame = 0;
    if (!this.styled && this.root.isConnected) {
      this.styled = true;
      addStyle(this.root);
    }
    this.keeper.before(now);
    const height = this.changed ? this.list.scrollHeight : 0;
    const end = performance.now() + FRAME_MS;
    const prepended = this.changed && this.update();
    let done = true;
    for (const view of this.views.values()) done = view.work(() => performance.now() > end) && done;
    if (prepended) this.scroller.scrollTop += this.list.scrollHeight - height;
    this.keeper.after();
    if (this.toBottom && this.state.have !== null) {
      this.scroller.scrollTop = this.scroller.scrollHeight;
      this.toBottom = !done;
    }
    this.keepComposer();
    if (!done && this.frame === 0) this.frame = requestAnimationFrame((next) => this.paint(next));
  }

  /** Brings the page up to the state; returns whether older turns came before those shown. */
  private update(): boolean {
    this.changed = false;
    const { order, entries, head, left } = this.state;
    const first = this.list.firstElementChild;
    this.head.update(head);
    this.composer.update(head.running, this.alive);
    this.older.hidden = left === 0;
    this.empty.hidden = order.length > 0 || this.state.have === null;
    if (head.running !== this.wasRunning) this.drawn.clear(); // every entry's controls
    this.dropOthers();
    order.forEach((id, index) => this.show(entries.get(id)!, index));
    this.announce();
    this.wasRunning = head.running;
    return first !== null && first.isConnected && first !== this.list.firstElementChild;
  }

  private dropOthers(): void {
    const shown = new Set(this.state.order);
    for (const [id, view] of this.views) {
      if (shown.has(id)) continue;
      view.element.remove();
      for (const map of [this.views, this.drawn, this.told, this.asked]) map.delete(id);
    }
  }

  private show(entry: Entry, index: number): void {
    let view = this.views.get(entry.id);
    if (!view) {
      view = new EntryView(entry, this.hooks(), this.stopAll.signal);
      this.views.set(entry.id, view);
    }
    const at = this.list.children[index] ?? null;
    if (at !== view.element) this.list.insertBefore(view.element, at);
    if (this.drawn.get(entry.id) === entry) return;
    this.drawn.set(entry.id, entry);
    const { order, head } = this.state;
    const last = index === order.length - 1;
    view.update(entry, { elapsed: this.elapsed(entry), alive: this.alive, busy: head.running, last });
  }

  private hooks(): ConstructorParameters<typeof EntryView>[1] {
    const ask = (message: PanelOutgoing): void => {
      this.toBottom = true;
      this.send(message);
    };
    return {
      onTurn: (id, message) => this.send({ kind: "turn", id, message }),
      onEdit: (id, text) => ask({ kind: "edit", id, text, nonce: makeNonce() }),
      onRetry: (id) => ask({ kind: "retry", id, nonce: makeNonce() }),
      onChoose: (id) => this.send({ kind: "choose", id }),
    };
  }

  /** Somebody who writes keeps what they write in sight while the panel grows. */
  private keepComposer(): void {
    const { offsetHeight } = this.root;
    if (offsetHeight === this.height) return;
    this.height = offsetHeight;
    if (holdsFocus(this.composer.element)) this.composer.element.scrollIntoView({ block: "nearest" });
  }

  private showLatest(): void {
    const { scrollHeight, clientHeight, scrollTop } = this.scroller;
    this.latest.hidden = scrollHeight - clientHeight - scrollTop < 120;
  }

  /** A screen reader hears the start and the end, not each word. */
  private announce(): void {
    const { head, order, entries } = this.state;
    if (head.running === this.wasRunning) return;
    const status = entries.get(order.at(-1) ?? "")?.state.turn.status;
    const ended = status === "done" ? "The answer is complete." : status === "interrupted" ? "The answer was stopped." : "";
    setText(this.said, head.running ? "The answer has begun." : ended);
  }
}
