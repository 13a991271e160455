// Owns the drawing of a tool call: name, state, input as it is written, bounded result.
// Does not decide anything about the call.
import { setAction } from "./actions";
import { button, h, setText } from "./dom";
import { bytes } from "./format";
import { visible, visibleLines } from "./hazards";
import type { Part, ToolPart, ToolStatus } from "./protocol";

const HEAD = 3000;
const LABELS: Readonly<Record<ToolStatus, string>> = {
  writing: "writing…",
  waiting: "waiting for approval",
  running: "running…",
  done: "done",
  error: "failed",
  denied: "denied",
};
const MARKS: Readonly<Record<ToolStatus, string>> = {
  writing: "…",
  waiting: "?",
  running: "…",
  done: "✓",
  error: "!",
  denied: "✕",
};

export class ToolView {
  readonly element = h("details", "lnb-tool");
  private readonly mark = h("span", "lnb-tool-mark");
  private readonly state = h("span", "lnb-tool-state");
  private readonly brief = h("span", "lnb-tool-brief");
  private readonly input = new Excerpt("Input");
  private readonly result = new Excerpt("Result");
  private input_text: string | null = null;

  constructor(private readonly part: ToolPart) {
    this.mark.setAttribute("aria-hidden", "true");
    const name = h("code", "lnb-tool-name", visible(part.name));
    this.element.append(h("summary", "", this.mark, name, this.brief, this.state));
    this.element.append(this.input.element, this.result.element);
  }

  accepts(part: Part): boolean {
    return part.type === "tool" && part.id === this.part.id && part.name === this.part.name;
  }

  update(part: ToolPart): void {
    const status = part.status in LABELS ? part.status : "running";
    this.element.className = `lnb-tool lnb-tool-${status}`;
    setText(this.mark, MARKS[status]);
    setText(this.state, LABELS[status]);
    if (part.input_text !== this.input_text) {
      this.input_text = part.input_text;
      const text = status === "writing" ? part.input_text : indented(part.input_text);
      this.input.show(text);
      setText(this.brief, visible(part.input_text.slice(0, 160)));
    } else if (status !== "writing") this.input.show(indented(part.input_text));
    this.result.show(part.result ?? "");
  }

  work(): boolean {
    return true;
  }
}

/** JSON indented for reading, if it is JSON that loses nothing by it; else as it is. */
function indented(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const tidy = JSON.stringify(value, null, 2);
    // Duplicate keys or long numbers would be shown otherwise than they are.
    return JSON.stringify(value).replace(/\s/g, "") === text.replace(/\s/g, "") ? tidy : text;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** A labelled text: whole if it is short, else its head and a button for the rest. */
class Excerpt {
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
