// Folder turn: owns the drawing of one turn: texts, thinking, tool calls, steps, errors, footer. Does not know whether
// it stands in a cell or in a panel.
//
// Owns a labelled text that is shown bounded, and whole on a click. Does not know what it holds.
import { setAction } from "../page/actions";
import { button, h, setText } from "../page/dom";
import { bytes } from "../text/format";
import { visibleLines } from "../text/hazards";

const HEAD = 3000;

/** A labelled text: whole if it is short, else its head and a button for the rest. */
export class Excerpt {
  readonly element: HTMLElement;
  private readonly body = h("pre");
  private readonly more: HTMLButtonElement;
  private text: string | null = null;
  private whole = false;

  constructor(label: string) {
    this.more = button("lnb-more-button", `Show the whole ${label.toLowerCase()}`);
    setAction(this.more, () => {
      this.whole = true;
      this.paint();
    });
    this.body.tabIndex = 0;
    this.body.setAttribute("aria-label", label);
    this.element = h("div", "lnb-excerpt", h("div", "lnb-excerpt-label", label), this.body, this.more);
    this.show("");
  }

  show(text: string): void {
    if (text === this.text) return;
    this.text = text;
    this.paint();
  }

  private paint(): void {
    const text = this.text ?? "";
    const long = text.length > HEAD && !this.whole;
    this.element.hidden = text === "";
    this.more.hidden = !long;
    if (long) setText(this.more, `Show all ${bytes(text.length)}`);
    setText(this.body, visibleLines(long ? `${text.slice(0, HEAD)}…` : text));
  }
}
