// Owns changing the arguments of a call before it is approved: a text of JSON, a check, a difference.
// Does not send; whether the arguments fit the tool is the kernel's to say.
import { h, setText } from "../page/dom";
import { visible } from "../text/hazards";
import { escapeJson } from "./arguments";
import { drawDiff } from "./decided";

const UNCHANGED = "Nothing is changed yet.";
const VALID = "Valid JSON. This is what changes:";

export class ArgumentEditor {
  private readonly area = h("textarea", "lnb-edit-area");
  private readonly check = h("div", "lnb-edit-check");
  private readonly diff = h("div", "lnb-diff");
  readonly approve = h("button", "lnb-key lnb-key-approve", "Approve edited");
  readonly cancel = h("button", "lnb-key", "Cancel editing");
  readonly element = h("div", "lnb-edit", this.area, this.check, this.diff, h("div", "lnb-edit-keys", this.approve, this.cancel));
  private original = "";
  private off = false;

  constructor(private readonly onChange: () => void) {
    this.approve.type = this.cancel.type = "button";
    this.element.hidden = true;
    this.area.spellcheck = false;
    this.area.setAttribute("aria-label", "Arguments as JSON");
    this.area.setAttribute("data-lm-suppress-shortcuts", "true");
    this.check.setAttribute("role", "status");
    this.area.addEventListener("input", () => this.show());
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  get text(): string {
    return this.area.value;
  }

  /** Begins with these arguments; a change that was begun before goes on. */
  open(json: string): void {
    const original = escapeJson(json);
    if (original !== this.original) this.area.value = this.original = original;
    this.area.rows = Math.min(24, Math.max(4, original.split("\n").length + 1));
    this.element.hidden = false;
    this.show();
    this.area.focus({ preventScroll: true });
  }

  close(): void {
    this.element.hidden = true;
    this.onChange();
  }

  disable(off: boolean): void {
    this.off = off;
    this.area.readOnly = off;
    this.cancel.disabled = off;
    this.approve.disabled = off || this.text === this.original || findFault(this.text) !== null;
  }

  private show(): void {
    const fault = findFault(this.text);
    const changed = this.text !== this.original;
    setText(this.check, fault ?? (changed ? VALID : UNCHANGED));
    this.check.classList.toggle("lnb-edit-bad", fault !== null);
    this.diff.replaceChildren(...(changed && !fault ? drawDiff(this.original, this.text) : []));
    this.disable(this.off);
    this.onChange();
  }
}

function findFault(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? null : "The arguments must be one JSON object: {…}";
  } catch (error) {
    if (error instanceof SyntaxError) return `Not valid JSON yet: ${visible(error.message)}`;
    throw error;
  }
}
