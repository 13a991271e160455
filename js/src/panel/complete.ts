// Folder panel: owns the chat panel around its turns: head, conversation, queue, composer, files. Does not draw a
// turn.
//
// Owns the list of names that opens while `@name` is written: what is asked, shown and taken. Does not know
// whose names they are, nor when a message is sent. A field of several lines cannot be a combobox (ARIA in
// HTML), so it stays a text box that controls a listbox.
import { h } from "../page/dom";
import type { Name } from "../protocol/panel";
import { makeNonce } from "../protocol/panel";
import { prose } from "../text/hazards";

/** As the kernel reads a mention: not within an address, a path or another word. */
const OPEN = /(?<![\p{L}\p{N}_@./+-])@((?:[\p{L}_][\p{L}\p{M}\p{N}_]*)?)$/u;
const REST = /^[\p{L}\p{M}\p{N}_]*/u;
const MOVES = new Set(["ArrowLeft", "ArrowRight", "Home", "End"]);

/** Made once a field; `onKey` sees each key first, `show` gets the kernel's answers. */
export class Completer {
  readonly element = h("div", "lnb-names");
  private readonly id = `lnb-${makeNonce()}`;
  private names: readonly Name[] = [];
  private at = 0;
  private start = -1;
  private asked: string | null = null;
  /** Where the mention stands whose list was closed: it stays closed. */
  private closed = -1;

  constructor(
    private readonly area: HTMLTextAreaElement,
    private readonly onAsk: (prefix: string) => void,
    signal: AbortSignal,
  ) {
    this.element.id = this.id;
    this.element.hidden = true;
    this.element.setAttribute("role", "listbox");
    this.element.setAttribute("aria-label", "Variables");
    this.element.tabIndex = 0; // what scrolls must be reachable; the field's own keys do it, too
    area.setAttribute("aria-autocomplete", "list");
    area.addEventListener("input", () => this.look(), { signal });
    area.addEventListener("click", () => this.look(), { signal });
    area.addEventListener("keyup", ({ key }) => MOVES.has(key) && this.look(), { signal });
    area.addEventListener("blur", () => this.close(), { signal });
    // The field keeps the focus.
    this.element.addEventListener("pointerdown", (event) => event.preventDefault(), { signal });
    this.element.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
    this.element.addEventListener("click", (event) => this.onClick(event), { signal });
  }

  /** Whether the key was the list's own. */
  onKey(event: KeyboardEvent): boolean {
    if (event.key === "Tab" && event.shiftKey) this.close(); // so that the focus passes by
    const plain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
    if (this.element.hidden || !plain || event.isComposing) return false;
    const count = this.names.length;
    if (event.key === "ArrowDown") this.choose((this.at + 1) % count);
    else if (event.key === "ArrowUp") this.choose((this.at + count - 1) % count);
    else if (event.key === "Escape") this.dismiss();
    else if (event.key === "Enter" || event.key === "Tab") this.take(this.at);
    else return false;
    event.preventDefault();
    return true;
  }

  /** An answer of the kernel; one that is not waited for any more is ignored. */
  show(prefix: string, names: readonly Name[]): void {
    if (prefix !== this.asked) return;
    if (names.length === 0 || (names.length === 1 && names[0]![0] === prefix)) return this.hide();
    this.names = names;
    this.element.replaceChildren(...names.map(([name, type], index) => this.option(name, type, index)));
    this.element.hidden = false;
    this.area.setAttribute("aria-controls", this.id);
    this.choose(0);
  }

  private option(name: string, type: string, index: number): HTMLElement {
    const words = [h("span", "lnb-names-name", prose(name)), " ", h("span", "lnb-names-type", prose(type))];
    const option = h("div", "lnb-names-option", ...words);
    option.id = `${this.id}-${index}`;
    option.setAttribute("role", "option");
    return option;
  }

  private look(): void {
    const { value, selectionStart, selectionEnd } = this.area;
    const usable = this.area.matches(":focus") && !this.area.readOnly && selectionStart === selectionEnd;
    const found = usable ? OPEN.exec(value.slice(0, selectionStart)) : null;
    if (!found) return this.close();
    this.start = found.index;
    if (this.closed === found.index || this.asked === found[1]) return;
    this.closed = -1;
    this.asked = found[1]!;
    this.onAsk(this.asked);
  }

  private choose(at: number): void {
    this.at = at;
    const options = [...this.element.children] as HTMLElement[];
    for (const [index, option] of options.entries()) option.setAttribute("aria-selected", String(index === at));
    this.area.setAttribute("aria-activedescendant", `${this.id}-${at}`);
    // Not scrollIntoView: the notebook would move, too.
    const { offsetTop, offsetHeight } = options[at]!;
    const { scrollTop, clientHeight } = this.element;
    this.element.scrollTop = Math.min(offsetTop, Math.max(scrollTop, offsetTop + offsetHeight - clientHeight));
  }

  private onClick(event: MouseEvent): void {
    if (!event.isTrusted || !(event.target instanceof Element)) return;
    const option = event.target.closest("[role=option]");
    if (option) this.take([...this.element.children].indexOf(option));
  }

  private take(at: number): void {
    const text = `@${this.names[at]![0]}`;
    const { start, area } = this;
    const caret = area.selectionStart;
    const end = caret + REST.exec(area.value.slice(caret))![0].length;
    this.dismiss();
    area.setSelectionRange(start, end);
    // So that it can be undone; where the page may not, it is only set.
    if (document.execCommand("insertText", false, text)) return;
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input"));
  }

  private dismiss(): void {
    this.closed = this.start;
    this.hide();
    this.asked = null;
  }

  private close(): void {
    this.closed = -1;
    this.asked = null;
    this.hide();
  }

  private hide(): void {
    this.element.hidden = true;
    this.names = [];
    this.area.removeAttribute("aria-controls");
    this.area.removeAttribute("aria-activedescendant");
  }
}
