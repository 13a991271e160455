// Owns the field that a question is written in, Send and Stop, and what became of the last message. A draft is
// kept until the kernel says that it has it. Does not know of turns.
import { growWithText, isSend, ownKeys } from "../host/keys";
import { setAction } from "../page/actions";
import { button, h, setText } from "../page/dom";
import { makeNonce } from "../protocol/panel";
import { Completer } from "./complete";
import { type AttachedFile, FileTray } from "./files";

const SLOW_MS = 1500;
const BUSY = "The kernel is busy. The message is on its way, and is asked when the kernel is free.";
const GONE = "The kernel of this panel is gone. Run its cell again; what you wrote stays here.";

export interface ComposerHooks {
  readonly onSend: (text: string, nonce: string, files: readonly AttachedFile[]) => void;
  readonly onStop: () => void;
  readonly onNames: (prefix: string) => void;
}
interface Pending {
  readonly nonce: string;
  readonly text: string;
  readonly files: readonly AttachedFile[];
  readonly at: number;
}

/** Made once a view; `update` with each state, `tick` about once a second, `sent` when the kernel answers. */
export class Composer {
  readonly area = h("textarea", "lnb-ask");
  private readonly send = button("lnb-send", "Send", "Send");
  private readonly stop = button("lnb-send lnb-send-stop", "Stop the answer", "Stop");
  private readonly note = h("div", "lnb-ask-note");
  readonly completer: Completer;
  readonly files: FileTray;
  /** What scrolls where there is little room, so that the field itself is never cut. */
  readonly above = h("div", "lnb-above");
  readonly element: HTMLElement;
  private pending: Pending | null = null;
  private problem = "";
  private running = false;
  private alive = true;

  constructor(private readonly hooks: ComposerHooks, signal: AbortSignal) {
    this.area.rows = 1;
    this.area.setAttribute("aria-label", "Message to the model");
    this.area.setAttribute("aria-keyshortcuts", "Enter");
    this.send.title = "Send (Enter; Shift+Enter for a new line)";
    this.note.setAttribute("role", "status");
    this.files = new FileTray(this.area, (problem) => this.complain(problem), signal);
    const box = h("div", "lnb-ask-box", this.files.key, this.area, h("div", "lnb-ask-keys", this.send, this.stop));
    this.completer = new Completer(this.area, hooks.onNames, signal);
    this.above.append(this.note, this.files.element);
    this.element = h("div", "lnb-composer", this.above, this.completer.element, box);
    ownKeys(this.area, signal);
    growWithText(this.area, signal);
    this.area.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.area.addEventListener("input", () => this.show(), { signal });
    setAction(this.send, () => this.submit());
    setAction(this.stop, () => this.halt());
    this.show();
  }

  update(running: boolean, alive: boolean): void {
    if (running && !this.running) setText(this.stop, "Stop");
    this.running = running;
    this.alive = alive;
    if (!alive) this.pending = null;
    this.show();
  }

  /** The kernel has the message that went out under this nonce, or refused it: then the draft stays. */
  sent(nonce: string, problem = ""): void {
    if (this.pending?.nonce !== nonce) return;
    this.problem = problem;
    if (problem === "" && this.area.value === this.pending.text) this.area.value = "";
    if (problem === "") this.files.drop(this.pending.files);
    this.pending = null;
    this.area.dispatchEvent(new Event("input")); // shows, too
  }

  /** What failed and is no message's: a choice, a clearing. Also what was refused of files, or "". */
  complain(problem: string): void {
    this.problem = problem;
    this.show();
  }

  tick(): void {
    this.show();
  }

  private onKey(event: KeyboardEvent): void {
    if (this.completer.onKey(event)) return;
    if (event.key === "Escape" && this.running) return this.halt();
    if (!isSend(event)) return;
    event.preventDefault();
    if (event.isTrusted && !event.repeat) this.submit();
  }

  private submit(): void {
    const text = this.area.value;
    if (text.trim() === "" || this.pending || !this.alive || this.files.isReading) return;
    this.problem = "";
    const files = this.files.list();
    this.pending = { nonce: makeNonce(), text, files, at: performance.now() };
    this.hooks.onSend(text, this.pending.nonce, files);
    this.area.focus({ preventScroll: true });
    this.show();
  }

  private halt(): void {
    setText(this.stop, "Stopping…");
    this.hooks.onStop();
    this.area.focus({ preventScroll: true });
  }

  private show(): void {
    const waits = this.pending !== null;
    this.area.readOnly = waits;
    this.files.lock(waits);
    const hint = this.files.list().length > 0 ? "Ask about the attached files" : "Ask the model";
    if (this.area.placeholder !== hint) this.area.placeholder = hint; // set anew it is laid out anew
    this.send.hidden = this.running && this.area.value.trim() === "";
    this.stop.hidden = !this.running;
    this.send.disabled = waits || !this.alive || this.files.isReading || this.area.value.trim() === "";
    setText(this.send, waits ? "Sending…" : this.running ? "Queue" : "Send");
    this.send.setAttribute("aria-label", this.running ? "Queue: it is asked after this answer" : "Send");
    const slow = this.pending !== null && performance.now() - this.pending.at >= SLOW_MS;
    this.say(!this.alive ? GONE : slow ? BUSY : this.problem);
  }

  private say(text: string): void {
    setText(this.note, text);
    this.note.hidden = text === "";
  }
}
