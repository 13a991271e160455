// Owns a code block: header with language and copy button, coloured body that only ever grows at its end.
// Does not read Markdown.
import { insertAsCell } from "../host/insert";
import { setAction } from "../page/actions";
import { button, copyText, h, setText } from "../page/dom";
import { reconcile } from "../page/reconcile";
import { prose } from "../text/hazards";
import { highlight, languageLabel } from "./highlight";

/** Code is coloured in pieces of about this size, so that no piece takes long; in UTF-16 units. */
export const PIECE = 2048;
const FEEDBACK_MS = 1600;
const OUTCOME_MS = 4000;
const COPY = "Copy code";

/** Created by whoever draws; feed complete lines, then `close`. Same input, however cut: same nodes. */
export class CodeBlock {
  readonly element: HTMLElement;
  private readonly body = h("code");
  private readonly language: string;
  private readonly source: string[] = [];
  private piece: HTMLElement | null = null;
  private text = "";
  private open = "";
  private drawn: Node[] = [];
  private readonly said = h("span", "lnb-code-said");
  private readonly tail = document.createTextNode("");

  constructor(info: string) {
    const label = languageLabel(info);
    this.language = label.toLowerCase();
    const copy = button("lnb-copy", COPY, "Copy");
    setAction(copy, (target) => void this.copy(target));
    const insert = button("lnb-insert", "Insert as cell", "Insert as cell"); // shown in the panel only
    setAction(insert, () => void this.insert());
    this.said.setAttribute("role", "status");
    const language = h("span", "lnb-code-lang", prose(label));
    const head = h("figcaption", "lnb-code-head", language, this.said, insert, copy);
    const pre = h("pre", "", this.body);
    pre.tabIndex = 0;
    pre.setAttribute("role", "group"); // what takes the focus has a role and a name
    pre.setAttribute("aria-label", label === "" ? "Code" : `Code, ${prose(label)}`);
    this.element = h("figure", "lnb-code", head, pre);
    this.body.append(this.tail);
  }

  /** Adds text that ends in a line feed, or that is a part of a long line, or the last. */
  addLines(text: string): void {
    if (text === "") return;
    this.source.push(text);
    for (let at = 0; at < text.length; ) {
      const feed = text.indexOf("\n", at);
      const end = Math.min(feed === -1 ? text.length : feed + 1, at + PIECE);
      if (this.text.length + end - at > PIECE) this.seal();
      this.text += text.slice(at, end);
      at = end;
    }
    this.paint();
  }

  /** Shows a line that is not complete yet, uncoloured. */
  setPartial(text: string): void {
    const shown = prose(text.length > PIECE ? text.slice(-PIECE) : text);
    if (shown === this.tail.data) return;
    if (shown.startsWith(this.tail.data)) this.tail.appendData(shown.slice(this.tail.data.length));
    else this.tail.data = shown;
  }

  /** The source exactly, whatever is shown for its invisible characters. */
  get code(): string {
    return this.source.join("");
  }

  close(): void {
    this.setPartial("");
    this.paint();
    this.tail.remove();
  }

  private seal(): void {
    this.paint();
    this.text = "";
    this.piece = null;
    this.drawn = [];
  }

  private paint(): void {
    if (this.text === this.open && this.piece) return;
    if (this.text === "") return;
    if (!this.piece) {
      this.piece = h("span", "lnb-piece");
      this.body.insertBefore(this.piece, this.tail.parentNode ? this.tail : null);
    }
    this.open = this.text;
    this.drawn = reconcile(this.piece, this.drawn, highlight(this.text, this.language), null);
  }

  private async insert(): Promise<void> {
    const code = this.code.replace(/\n$/, "");
    if (code === "") return;
    setText(this.said, await insertAsCell(code));
    setTimeout(() => setText(this.said, ""), OUTCOME_MS);
  }

  private async copy(target: HTMLElement): Promise<void> {
    const done = await copyText(this.code.replace(/\n$/, ""));
    target.textContent = done ? "Copied" : "Press Ctrl+C";
    target.classList.add("lnb-on");
    setTimeout(() => {
      target.textContent = "Copy";
      target.classList.remove("lnb-on");
    }, FEEDBACK_MS);
  }
}

/** A whole code block at once. */
export function codeBlock(info: string, source: string): HTMLElement {
  const block = new CodeBlock(info);
  block.addLines(source);
  block.close();
  return block.element;
}
