// Owns the card that asks a person about one call: what it shows, its buttons, and what they send, once.
// Does not run or decide anything: the kernel does, and the card waits for its word.
import { setAction } from "../page/actions";
import { h, setText } from "../page/dom";
import { holdsFocus, takeFocus } from "../page/focus";
import type { Approval, Decide, Decision, ToolPart } from "../protocol/turn";
import { bytes, remaining } from "../text/format";
import { prose, visible } from "../text/hazards";
import { drawRows, readRows } from "./arguments";
import { Arming } from "./arming";
import { ArgumentEditor } from "./editor";

/** A call whose JSON is longer shows its size, digest, heads and tails, and the whole on a click. */
const WHOLE_BYTES = 4096;
const NO_ANSWER_MS = 5000;
const NO_ANSWER = "The kernel has not answered. It may be busy, or gone; you can try again.";
const DEAD = "The kernel that asked is gone. Nothing can be decided here any more.";
const TOO_SOON = "The card had only just appeared or moved. Click again if you meant it.";
let cards = 0;

export type Send = (message: Decide) => void;

const key = (className: string, text: string): HTMLButtonElement => {
  const element = h("button", `lnb-key ${className}`, text);
  element.type = "button";
  return element;
};

/** Made for one waiting call; `update` and `tick` while it waits, `close` when it is decided. */
export class ApprovalCard {
  readonly element = h("div", "lnb-card");
  private readonly time = h("span", "lnb-card-time");
  private readonly rows = h("div", "lnb-card-args");
  private readonly size = h("span", "");
  private readonly more = key("lnb-key-quiet", "Show everything");
  private readonly sizeLine = h("div", "lnb-card-size", this.size, this.more);
  private readonly note = h("div", "lnb-card-note");
  private readonly deny = key("lnb-key-deny", "Deny");
  private readonly reason = h("input", "lnb-card-reason");
  private readonly approve = key("lnb-key-approve", "Approve");
  private readonly always = key("", "Always…");
  private readonly edit = key("", "Edit");
  private readonly actions = h("div", "lnb-card-actions", this.deny, this.reason, this.approve, this.always, this.edit);
  private readonly alwaysAny: HTMLButtonElement;
  private readonly alwaysExact = key("", "With exactly these arguments");
  private readonly choices: HTMLElement;
  private readonly said = h("div", "lnb-offscreen");
  private readonly editor: ArgumentEditor;
  private readonly arming = new Arming(this.actions);
  private part: ToolPart;
  private sent: { readonly part: ToolPart; readonly at: number } | null = null;
  private drawn: string | null = null;
  private whole = false;
  private alive = true;
  private met = false;

  constructor(part: ToolPart, private readonly send: Send) {
    this.part = part;
    const name = visible(part.name);
    this.alwaysAny = key("", `${name}, whatever the arguments`);
    this.choices = h("div", "lnb-card-always", h("span", "", "Until this kernel restarts, don't ask about:"), this.alwaysAny, this.alwaysExact);
    this.editor = new ArgumentEditor(() => this.showControls());
    const head = h("div", "lnb-card-head", h("span", "", "Run ", h("code", "lnb-tool-name", name), "?"), this.time);
    this.element.append(this.said, head, this.rows, this.sizeLine, this.editor.element, this.actions, this.choices, this.note);
    this.choices.hidden = true;
    this.describe(name);
    this.wire();
  }

  /** `alive`: messages can reach the kernel that asked; `now`: the turn's time. */
  update(part: ToolPart, alive: boolean, now: number): void {
    // A newer version of the part while an answer is under way: refused, if it brings a note.
    const refused = this.sent !== null && part !== this.sent.part && Boolean(part.note);
    if (refused) this.sent = null;
    this.part = part;
    this.alive = alive;
    this.draw();
    if (!this.sent) this.say(alive ? (part.note ?? "") : DEAD);
    this.showControls();
    if (refused) this.returnFocus();
    this.tick(now);
    this.meet();
  }

  tick(now: number): void {
    if (this.element.isConnected) this.arming.start();
    setText(this.time, remaining(this.approval.expires_ms, now));
    if (this.sent && performance.now() - this.sent.at >= NO_ANSWER_MS) {
      this.sent = null;
      this.say(NO_ANSWER);
      this.showControls();
      this.returnFocus();
    }
  }

  /** Returns whether the focus was in it. */
  close(): boolean {
    this.arming.stop();
    const held = holdsFocus(this.element);
    this.element.remove();
    return held;
  }

  private get approval(): Approval {
    return this.part.approval ?? { state: "waiting" };
  }

  private returnFocus(): void {
    if (holdsFocus(this.element)) (this.editor.isOpen ? this.editor.approve : this.deny).focus({ preventScroll: true });
  }

  private describe(name: string): void {
    const id = `lnb-card-${++cards}`;
    this.rows.id = `${id}-args`;
    this.time.id = `${id}-time`;
    this.element.tabIndex = -1;
    this.element.setAttribute("role", "alertdialog");
    this.element.setAttribute("aria-label", `Run ${name}?`);
    this.element.setAttribute("aria-describedby", `${this.rows.id} ${this.time.id}`);
    this.note.setAttribute("role", "alert");
    this.said.setAttribute("role", "alert");
    this.actions.setAttribute("role", "group");
    this.actions.setAttribute("aria-label", "Decision");
    this.choices.setAttribute("role", "group");
    this.choices.setAttribute("aria-label", "Always run");
    this.reason.type = "text";
    this.reason.placeholder = "Reason, for the model";
    this.reason.setAttribute("aria-label", "Reason for denying (optional)");
    this.reason.setAttribute("data-lm-suppress-shortcuts", "true");
  }

  private wire(): void {
    const decide = (element: HTMLElement, decision: Decision): void => setAction(element, () => this.decide(decision));
    decide(this.deny, "deny");
    decide(this.approve, "approve");
    decide(this.alwaysAny, "always");
    decide(this.alwaysExact, "always_exact");
    setAction(this.editor.approve, () => this.decide("approve", this.editor.text));
    setAction(this.editor.cancel, () => this.leaveEditor());
    setAction(this.edit, () => this.editor.open(this.approval.text ?? "{}"));
    setAction(this.always, () => this.showChoices(this.choices.hidden !== false));
    setAction(this.more, () => {
      this.whole = true;
      this.draw();
      this.deny.focus({ preventScroll: true });
    });
    this.element.addEventListener("keydown", (event) => this.onKey(event));
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Escape" && (this.editor.isOpen || !this.choices.hidden)) {
      event.stopPropagation();
      if (this.editor.isOpen) this.leaveEditor();
      else this.showChoices(false);
    } else if (event.key === "Enter" || event.key === " ") {
      event.stopPropagation(); // else the notebook takes it: it would edit or run a cell
      const typed = event.target === this.reason && event.key === "Enter" && !event.isComposing;
      if (typed && event.isTrusted && !event.repeat) this.decide("deny");
    }
  }

  private decide(decision: Decision, input_text?: string): void {
    if (this.sent || !this.alive || !this.approval.digest) return;
    if (!this.arming.isArmed()) return this.say(TOO_SOON);
    this.sent = { part: this.part, at: performance.now() };
    this.say("Sending…");
    if (holdsFocus(this.element)) this.element.focus({ preventScroll: true }); // not lost with the buttons
    this.showControls();
    this.send({
      kind: "decide",
      id: this.part.id,
      digest: this.approval.digest,
      decision,
      ...(input_text === undefined ? {} : { input_text }),
      ...(decision === "deny" && this.reason.value.trim() !== "" ? { reason: this.reason.value.trim() } : {}),
    });
  }

  private draw(): void {
    const text = this.approval.text ?? this.part.input_text;
    const drawn = `${this.whole}${text}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const size = new TextEncoder().encode(text).length;
    const whole = this.whole || size <= WHOLE_BYTES;
    this.rows.replaceChildren(...drawRows(text, whole));
    this.sizeLine.hidden = size <= WHOLE_BYTES;
    this.more.hidden = whole;
    const cut = whole ? "shown whole" : "shown shortened";
    const count = readRows(text)?.length ?? 1;
    setText(this.size, `${bytes(size)} in ${count} ${count === 1 ? "argument" : "arguments"}, ${cut} · digest ${prose(this.approval.digest ?? "").slice(0, 12)}`);
  }

  private showControls(): void {
    const off = this.sent !== null || !this.alive;
    const editing = this.editor.isOpen;
    for (const control of [this.deny, this.reason, this.approve, this.always, this.edit, this.alwaysAny, this.alwaysExact]) control.disabled = off;
    this.editor.disable(off);
    this.approve.hidden = this.edit.hidden = this.rows.hidden = editing;
    this.always.hidden = editing || this.approval.can_always === false;
    this.always.setAttribute("aria-expanded", String(!this.choices.hidden));
    if (this.always.hidden) this.choices.hidden = true;
    this.element.classList.toggle("lnb-card-dead", !this.alive);
  }

  private showChoices(open: boolean): void {
    this.choices.hidden = !open;
    this.showControls();
    if (open) this.arming.restart();
    (open ? this.alwaysAny : this.always).focus({ preventScroll: true });
  }

  private leaveEditor(): void {
    this.editor.close();
    this.edit.focus({ preventScroll: true });
  }

  private say(text: string): void {
    setText(this.note, prose(text));
    this.note.hidden = text === "";
  }

  /** Once on the page: the focus goes to Deny, or, if the person is at work elsewhere, it is only said. */
  private meet(): void {
    if (this.met || !this.element.isConnected) return;
    this.met = true;
    if (!takeFocus(this.deny)) setText(this.said, `${visible(this.part.name)} waits for your approval.`);
  }
}
