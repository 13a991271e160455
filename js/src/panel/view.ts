// Owns a chat panel's view: messages in and out, cleanup. Does not know when it is drawn, nor how an entry, the head
// or the composer is, nor what of it is in sight.
import { Connection } from "../host/connection";
import { saveFile } from "../host/download";
import { markPlace } from "../host/place";
import { listenForActions } from "../page/actions";
import { h, setText } from "../page/dom";
import { FrameLoop, type Painter } from "../page/frame";
import { isPanelMessage, makeNonce, type PanelMessage, type PanelOutgoing } from "../protocol/panel";
import { EMPTY_PANEL, reducePanel, type Entry, type PanelState } from "../protocol/reduce_panel";
import type { WidgetModel } from "../protocol/turn";
import { approvalNeeded } from "../turn/turn";
import { Composer } from "./composer";
import { type EntryContext, EntryView } from "./entry";
import { HeadView } from "./head";
import { EntryList } from "./list";
import { Pictures } from "./pictures";
import { QueueView } from "./queue";
import { Scroller } from "./scroller";

/** Draws into `el` until the returned function is called. */
export function renderPanel({ model, el }: { model: WidgetModel; el: HTMLElement }): () => void {
  const view = new PanelView(model, el);
  return () => view.dispose();
}

class PanelView implements Painter {
  private state: PanelState = EMPTY_PANEL;
  private readonly stopAll = new AbortController();
  private readonly connection: Connection<PanelOutgoing>;
  private readonly head: HeadView;
  private readonly composer: Composer;
  private readonly queue: QueueView;
  private readonly list: EntryList;
  private readonly empty = h("div", "lnb-empty");
  private readonly scroller: Scroller;
  private readonly said = h("div", "lnb-offscreen");
  private readonly root: HTMLElement;
  private readonly frames: FrameLoop;
  private readonly pictures = new Pictures(
    (id, index) => this.send({ kind: "picture", id, index }),
    () => this.frames.schedule(),
  );
  private exported = "";
  private wasRunning = false;
  private needed = "";

  constructor(model: WidgetModel, el: HTMLElement) {
    const { signal } = this.stopAll;
    this.head = new HeadView(
      {
        onRename: (title) => this.send({ kind: "rename", title }),
        onExport: (format) => {
          this.exported = makeNonce();
          this.send({ kind: "export", format, nonce: this.exported });
        },
        onClear: () => this.send({ kind: "clear" }),
      },
      signal,
    );
    this.composer = new Composer(
      {
        onSend: (text, nonce, files) => {
          this.scroller.goToEnd();
          if (files.length === 0) return this.send({ kind: "send", text, nonce });
          const claims = files.map(({ name, type, bytes }) => ({ name, type, size: bytes.byteLength }));
          this.send({ kind: "send", text, nonce, files: claims }, files.map(({ bytes }) => bytes));
        },
        onStop: () => this.send({ kind: "stop" }),
        onNames: (prefix) => this.send({ kind: "names", prefix }),
      },
      signal,
    );
    this.queue = new QueueView(
      {
        onEdit: (id, text) => this.send({ kind: "queue_edit", id, text }),
        onRemove: (id) => this.send({ kind: "queue_remove", id }),
        onResume: () => this.send({ kind: "resume" }),
      },
      signal,
    );
    this.composer.above.prepend(this.queue.element);
    this.scroller = new Scroller({ onOlder: () => this.askOlder(), onMove: () => this.frames.schedule() }, signal);
    const make = (entry: Entry, own: AbortSignal): EntryView => new EntryView(entry, this.hooks(), own);
    const context = (entry: Entry): EntryContext => this.contextOf(entry);
    this.list = new EntryList({ make, context, onNear: () => this.frames.schedule() }, this.scroller.box, signal);
    this.scroller.box.append(this.empty, this.list.element);
    const parts = [this.head.element, this.scroller.element, this.composer.element, this.said];
    this.root = h("section", "lnb-root lnb-panel", ...parts);
    this.frames = new FrameLoop(this.root, this.list.element, this, signal);
    this.describe();
    listenForActions(this.root, signal);
    this.composer.files.listen(this.root, signal);
    el.append(this.root);
    this.listen(signal);
    const onMessage = (content: unknown, buffers: unknown): void => this.receive(content, buffers);
    const hooks = { onMessage, onAlive: () => this.refresh(), onTick: () => this.tick() };
    this.connection = new Connection(model, hooks, signal);
    this.attach();
    this.frames.schedule();
  }

  dispose(): void {
    this.stopAll.abort();
    this.root.remove();
  }

  private describe(): void {
    this.root.setAttribute("aria-label", "Chat with a model");
    this.said.setAttribute("role", "status");
    this.empty.append(h("div", "lnb-empty-title", "Ask a question to begin."));
    this.empty.append(h("div", "", "Enter sends, Shift+Enter makes a new line."));
  }

  private listen(signal: AbortSignal): void {
    const onKey = (event: KeyboardEvent): void => {
      // Else the notebook takes it: it would edit or run a cell.
      if (event.key === "Enter" || event.key === " ") event.stopPropagation();
    };
    this.root.addEventListener("keydown", onKey, { signal });
  }

  private receive(content: unknown, buffers: unknown): void {
    if (!isPanelMessage(content)) return;
    if (content.kind === "file") return content.nonce === this.exported ? saveFile(content.name, content.text) : undefined;
    if (content.kind === "picture") return this.pictures.receive(content.id, content.index, Array.isArray(buffers) ? buffers[0] : null);
    if (content.kind === "names") return this.composer.completer.show(content.prefix, content.names);
    const before = this.state;
    this.state = reducePanel(before, content);
    if (content.kind === "panel") this.note(content);
    if (content.kind === "turn") this.noteTime(content.id);
    if (this.state === before) return;
    if (this.state.lost && !before.lost) this.attach();
    this.heal();
    this.frames.schedule();
  }

  private note({ nonce, problem }: PanelMessage): void {
    if (nonce !== undefined) this.composer.sent(nonce, problem);
    else if (problem !== undefined) this.composer.complain(problem);
    for (const id of this.state.order) this.noteTime(id);
  }

  private noteTime(id: string): void {
    const entry = this.state.entries.get(id);
    if (entry) this.connection.note(id, entry.state);
  }

  private refresh(): void {
    this.list.refresh();
    this.frames.schedule();
  }

  private send(message: PanelOutgoing, buffers?: readonly ArrayBuffer[]): void {
    this.connection.send(message, buffers);
  }

  private attach(): void {
    this.connection.ask("", { kind: "attach" });
  }

  /** Asks for each turn that missed a message. */
  private heal(): void {
    if (this.state.lost) this.connection.heal("", { kind: "attach" });
    for (const { id, state } of this.state.entries.values()) {
      if (state.lost) this.connection.heal(id, { kind: "turn", id, message: { kind: "attach", have: state.have } });
    }
  }

  private tick(): void {
    this.heal();
    this.composer.tick();
    this.list.tick();
  }

  mounted(): void {
    markPlace(this.root, this.stopAll.signal);
  }

  update(): void {
    const { order, entries, head } = this.state;
    this.head.update(head);
    this.composer.update(head.running, this.connection.alive);
    this.queue.update(head.queued ?? [], head.paused ?? false);
    this.empty.hidden = order.length > 0 || this.state.have === null;
    if (head.running !== this.wasRunning) this.list.refresh();
    this.connection.forget((id) => entries.has(id));
    this.scroller.update(this.state, this.list.element, () => this.list.update(order, entries));
    this.pictures.place();
    this.announce();
    this.wasRunning = head.running;
  }

  work(spent: () => boolean): boolean {
    return this.list.work(spent);
  }

  painted(done: boolean): void {
    this.scroller.painted(this.state, done);
    this.scroller.keepField(this.root, this.composer.element);
  }

  private askOlder(): void {
    const first = this.state.order[0];
    if (first !== undefined) this.send({ kind: "older", id: first });
  }

  private contextOf(entry: Entry): EntryContext {
    const { order, head } = this.state;
    const elapsed = this.connection.elapsed(entry.id, entry.state);
    return { elapsed, alive: this.connection.alive, busy: head.running, last: entry.id === order.at(-1) };
  }

  private hooks(): ConstructorParameters<typeof EntryView>[1] {
    const ask = (message: PanelOutgoing): void => {
      this.scroller.goToEnd();
      this.send(message);
    };
    return {
      onTurn: (id, message) => this.send({ kind: "turn", id, message }),
      onEdit: (id, text) => ask({ kind: "edit", id, text, nonce: makeNonce() }),
      onRetry: (id) => ask({ kind: "retry", id, nonce: makeNonce() }),
      onChoose: (id) => this.send({ kind: "choose", id }),
      onPicture: (...wanted) => this.pictures.want(...wanted),
    };
  }

  /** A screen reader hears the start, the end, and what needs a person, not each word. */
  private announce(): void {
    const { head, order, entries } = this.state;
    const turn = entries.get(order.at(-1) ?? "")?.state.turn;
    const needed = turn ? approvalNeeded(turn) : "";
    if (needed !== this.needed) setText(this.said, needed);
    this.needed = needed;
    if (head.running === this.wasRunning || needed !== "") return;
    const status = turn?.status;
    const ended = status === "done" ? "The answer is complete." : status === "interrupted" ? "The answer was stopped." : "";
    setText(this.said, head.running ? "The answer has begun." : ended);
  }
}
