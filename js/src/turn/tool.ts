// Owns the drawing of a tool call: name, state, input as it is written, bounded result. Where the call waits for
// a person it holds the card, and does not decide anything itself.
import { ApprovalCard, type Send } from "../approval/card";
import { drawDecision, whoDecided } from "../approval/decided";
import { h, setText } from "../page/dom";
import type { Part, ToolPart, ToolStatus } from "../protocol/turn";
import { prose, visible } from "../text/hazards";
import { Excerpt } from "./excerpt";
import type { PartContext } from "./part";

const LABELS: Readonly<Record<ToolStatus, string>> = {
  writing: "writing…",
  waiting: "waiting for approval",
  running: "running…",
  done: "done",
  error: "failed",
  denied: "denied",
  cancelled: "stopped",
};
const MARKS: Readonly<Record<ToolStatus, string>> = {
  writing: "…",
  waiting: "?",
  running: "…",
  done: "✓",
  error: "!",
  denied: "✕",
  cancelled: "■",
};

export class ToolView {
  readonly element = h("details", "lnb-tool");
  private readonly mark = h("span", "lnb-tool-mark");
  private readonly state = h("span", "lnb-tool-state");
  private readonly brief = h("span", "lnb-tool-brief");
  private readonly input = new Excerpt("Input");
  private readonly result = new Excerpt("Result");
  private readonly decision = h("div", "lnb-tool-decision");
  private readonly note = h("div", "lnb-card-note");
  private readonly summary: HTMLElement;
  private card: ApprovalCard | null = null;
  private part: ToolPart;
  private fresh = true;
  private chosen = false;

  constructor(part: ToolPart, private readonly send: Send) {
    this.part = part;
    this.mark.setAttribute("aria-hidden", "true");
    this.note.setAttribute("role", "alert");
    const name = h("code", "lnb-tool-name", visible(part.name));
    this.summary = h("summary", "", this.mark, name, this.brief, this.state);
    this.summary.addEventListener("click", () => (this.chosen = true));
    this.element.append(this.summary, this.decision, this.note, this.input.element, this.result.element);
  }

  accepts(part: Part): boolean {
    return part.type === "tool" && part.id === this.part.id && part.name === this.part.name;
  }

  update(part: ToolPart, context: PartContext): void {
    const first = this.fresh;
    this.fresh = false;
    const before = this.part;
    this.part = part;
    const status = Object.hasOwn(LABELS, part.status) ? part.status : "running";
    this.element.className = `lnb-tool lnb-tool-${status}`;
    setText(this.mark, MARKS[status]);
    setText(this.state, this.label(status));
    if (first || part.input_text !== before.input_text) setText(this.brief, visible(part.input_text.slice(0, 160)));
    this.fold(status);
    this.ask(context);
    this.input.show(this.card ? "" : status === "writing" ? part.input_text : indented(part.input_text));
    this.result.show(part.result ?? "");
    this.showDecision(before, first);
  }

  tick(context: PartContext): void {
    this.card?.tick(context.now);
    // One that takes its time opens; the folds of quick ones don't flicker.
    if (context.running && this.part.status === "running" && !this.chosen) this.element.open = true;
  }

  work(): boolean {
    return true;
  }

  private label(status: ToolStatus): string {
    const { approval } = this.part;
    if (status !== "done" || approval?.state !== "approved") return LABELS[status];
    return `${LABELS[status]} · approved ${approval.edited_text ? "with changes " : ""}${whoDecided(approval)}`;
  }

  private fold(status: ToolStatus): void {
    if (status === "waiting" && this.card === null) {
      this.chosen = false; // a question is never asked inside a closed fold
      this.element.open = true;
    } else if (status === "done" && !this.chosen) this.element.open = false;
  }

  /** Shows the card while, and only while, the call can be decided. */
  private ask(context: PartContext): void {
    const asks = context.running && this.part.status === "waiting" && this.part.approval?.state === "waiting";
    if (asks) {
      if (!this.card) {
        this.card = new ApprovalCard(this.part, this.send);
        this.summary.after(this.card.element);
      }
      this.card.update(this.part, context.alive, context.now);
    } else if (this.card) {
      const held = this.card.close();
      this.card = null;
      if (held) this.summary.focus({ preventScroll: true });
    }
  }

  private showDecision(before: ToolPart, first: boolean): void {
    const { approval, note } = this.part;
    const decided = approval && approval.state !== "waiting" ? approval : null;
    if (first || before.approval !== approval) this.decision.replaceChildren(...(decided ? drawDecision(decided) : []));
    this.decision.hidden = decided === null;
    this.note.hidden = this.card !== null || !note;
    setText(this.note, this.note.hidden ? "" : prose(note ?? ""));
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
