// Owns the line above a panel's conversation: title, model, totals, and the actions on the whole.
import { ownKeys } from "../host/keys";
import { setAction } from "../page/actions";
import { button, h, setText } from "../page/dom";
import type { PanelHead } from "../protocol/panel";
import { count, money } from "../text/format";
import { prose } from "../text/hazards";

export interface HeadHooks {
  readonly onRename: (title: string) => void;
  readonly onExport: (format: "markdown" | "json" | "ipynb") => void;
  readonly onClear: () => void;
}

const key = (label: string, text: string): HTMLButtonElement => button("lnb-act", label, text);

export class HeadView {
  private readonly title = h("h2", "lnb-title");
  private readonly name = h("input", "lnb-name");
  private readonly model = h("span", "lnb-model");
  private readonly totals = h("span", "lnb-totals");
  private readonly more = button("lnb-act lnb-more-key", "More actions", "•••");
  private readonly rename = key("Rename this chat", "Rename");
  private readonly markdown = key("Save as Markdown, a file", "Save as Markdown");
  private readonly notebook = key("Save as notebook; its code is not run", "Save as notebook");
  private readonly json = key("Save as JSON, a file", "Save as JSON");
  private readonly clear = key("Clear this chat", "Clear…");
  private readonly sure = key("Yes, clear: the conversation is forgotten", "Forget everything");
  private readonly actions = h("div", "lnb-actions", this.rename, this.markdown, this.notebook, this.json, this.clear, this.sure);
  readonly element: HTMLElement;

  constructor(private readonly hooks: HeadHooks, signal: AbortSignal) {
    const line = h("div", "lnb-head-line", this.title, this.name, this.model, this.totals, this.more);
    this.element = h("header", "lnb-head", line, this.actions);
    this.name.type = "text";
    this.name.maxLength = 200;
    this.name.setAttribute("aria-label", "Title of this chat");
    this.name.hidden = this.actions.hidden = this.sure.hidden = true;
    this.actions.setAttribute("role", "group");
    this.actions.setAttribute("aria-label", "Actions on this chat");
    this.more.setAttribute("aria-expanded", "false");
    this.wire(signal);
  }

  update(head: PanelHead): void {
    setText(this.title, prose(head.title));
    setText(this.model, prose(head.model));
    setText(this.totals, totalsOf(head));
    this.totals.title = "Tokens and cost of all answers in this panel";
  }

  private wire(signal: AbortSignal): void {
    ownKeys(this.name, signal);
    setAction(this.more, () => this.toggle(this.actions.hidden !== false));
    setAction(this.rename, () => this.openName());
    setAction(this.markdown, () => this.hooks.onExport("markdown"));
    setAction(this.notebook, () => this.hooks.onExport("ipynb"));
    setAction(this.json, () => this.hooks.onExport("json"));
    setAction(this.clear, () => {
      this.sure.hidden = false;
      this.clear.hidden = true;
      this.sure.focus({ preventScroll: true });
    });
    setAction(this.sure, () => {
      this.hooks.onClear();
      this.toggle(false);
      this.more.focus({ preventScroll: true });
    });
    const onKey = (event: KeyboardEvent): void => {
      if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
      event.preventDefault(); // the focus moves on, and the same key would press the button there
      this.closeName(event.key === "Enter" ? this.name.value : null);
    };
    this.name.addEventListener("keydown", onKey, { signal });
    const onEscape = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.toggle(false);
      this.more.focus({ preventScroll: true });
    };
    this.actions.addEventListener("keydown", onEscape, { signal });
  }

  private toggle(open: boolean): void {
    this.actions.hidden = !open;
    this.sure.hidden = true;
    this.clear.hidden = false;
    this.more.setAttribute("aria-expanded", String(open));
  }

  private openName(): void {
    this.toggle(false);
    this.name.value = this.title.textContent ?? "";
    this.title.hidden = true;
    this.name.hidden = false;
    this.name.focus({ preventScroll: true });
    this.name.select();
  }

  private closeName(title: string | null): void {
    if (title !== null && title.trim() !== "") this.hooks.onRename(title.trim());
    this.title.hidden = false;
    this.name.hidden = true;
    this.more.focus({ preventScroll: true });
  }
}

function totalsOf({ usage, cost_usd }: PanelHead): string {
  const sent = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
  if (sent + usage.output_tokens === 0) return "";
  const cost = cost_usd === null ? "" : ` · ${money(cost_usd)}`;
  return `${count(sent)} in · ${count(usage.output_tokens)} out${cost}`;
}
