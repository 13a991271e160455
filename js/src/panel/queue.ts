// Owns the messages that wait for the answer before them: shown above the composer, edited, removed, and sent
// on after a failure. Does not know how a message is written or asked.
import { growWithText, isSend, ownKeys } from "../host/keys";
import { setAction } from "../page/actions";
import { button, h, setText } from "../page/dom";
import type { QueuedMessage } from "../protocol/panel";
import { prose } from "../text/hazards";

export interface QueueHooks {
  readonly onEdit: (id: string, text: string) => void;
  readonly onRemove: (id: string) => void;
  readonly onResume: () => void;
}
const PAUSED = "The last answer is not whole, so these wait.";
const WAITING = "Waiting for the answer:";

/** Made once a view; `update` with each state. An item that is being edited keeps what was typed. */
export class QueueView {
  private readonly note = h("span", "lnb-queue-note");
  private readonly resume = button("lnb-act", "Send the waiting messages", "Send");
  private readonly list = h("ul", "lnb-queue-list");
  readonly element = h("div", "lnb-queue", h("div", "lnb-queue-head", this.note, this.resume), this.list);
  private readonly items = new Map<string, QueuedItem>();

  constructor(private readonly hooks: QueueHooks, private readonly signal: AbortSignal) {
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "Waiting messages");
    this.element.hidden = true;
    setAction(this.resume, () => hooks.onResume());
  }

  update(queued: readonly QueuedMessage[], paused: boolean): void {
    const ids = new Set(queued.map(({ id }) => id));
    for (const [id, item] of this.items) {
      if (ids.has(id)) continue;
      item.element.remove();
      this.items.delete(id);
    }
    for (const { id, text, files = [] } of queued) {
      let item = this.items.get(id);
      if (!item) {
        item = new QueuedItem(id, this.hooks, this.signal);
        this.items.set(id, item);
        this.list.append(item.element);
      }
      item.update(text, files);
    }
    setText(this.note, paused ? PAUSED : WAITING);
    this.resume.hidden = !paused;
    this.element.hidden = queued.length === 0;
  }
}

class QueuedItem {
  private readonly text = h("span", "lnb-queue-text");
  private readonly files = h("span", "lnb-queue-files");
  private readonly area = h("textarea", "lnb-ask");
  private readonly edit = button("lnb-act", "Edit this waiting message", "Edit");
  private readonly keep = button("lnb-act", "Keep the edited message", "Keep");
  private readonly remove = button("lnb-act", "Remove this waiting message", "Remove");
  readonly element = h("li", "lnb-queue-item", this.text, this.files, this.area, this.edit, this.keep, this.remove);
  private current = "";

  constructor(private readonly id: string, private readonly hooks: QueueHooks, signal: AbortSignal) {
    this.area.setAttribute("aria-label", "Edited waiting message");
    this.text.dir = "auto";
    this.open(false);
    ownKeys(this.area, signal);
    growWithText(this.area, signal);
    setAction(this.edit, () => this.open(true));
    setAction(this.keep, () => this.save());
    setAction(this.remove, () => hooks.onRemove(id));
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") this.open(false);
      else if (isSend(event) && event.isTrusted) {
        event.preventDefault();
        this.save();
      }
    };
    this.area.addEventListener("keydown", onKey, { signal });
  }

  update(text: string, files: readonly string[]): void {
    this.current = text;
    setText(this.files, files.length === 1 ? prose(files[0]!) : files.length > 1 ? `${files.length} files` : "");
    this.files.title = files.map(prose).join("\n");
    setText(this.text, prose(text));
  }

  private open(open: boolean): void {
    this.text.hidden = this.edit.hidden = open;
    this.area.hidden = this.keep.hidden = !open;
    if (!open) return;
    this.area.value = this.current;
    this.area.focus({ preventScroll: true });
  }

  private save(): void {
    const text = this.area.value;
    if (text.trim() !== "") this.hooks.onEdit(this.id, text);
    this.open(false);
    this.edit.focus({ preventScroll: true });
  }
}
