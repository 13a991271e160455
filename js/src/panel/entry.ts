// Owns one question and its answer on the page: the bubble, its editor, the turn, and what can be done with
// them. Does not schedule or scroll.
import { growWithText, isSend, ownKeys } from "../host/keys";
import { setAction } from "../page/actions";
import { button, copyText, h, setText } from "../page/dom";
import type { Mention } from "../protocol/panel";
import type { Entry } from "../protocol/reduce_panel";
import { isRunning, type Outgoing } from "../protocol/turn";
import { prose } from "../text/hazards";
import { TurnView } from "../turn/turn";
import { makePictureKey } from "./pictures";

export interface EntryHooks {
  readonly onTurn: (id: string, message: Outgoing) => void;
  readonly onEdit: (id: string, text: string) => void;
  readonly onRetry: (id: string) => void;
  readonly onChoose: (id: string) => void;
  /** Wants the image at that place of the question's mentions, as long as `signal` lasts. */
  readonly onPicture: (id: string, index: number, show: (picture: HTMLImageElement) => void, signal: AbortSignal) => void;
}
export interface EntryContext {
  /** How long the turn has run by now. */
  readonly elapsed: number;
  readonly alive: boolean;
  /** Whether any answer of the panel is being written. */
  readonly busy: boolean;
  readonly last: boolean;
}
const FEEDBACK_MS = 1600;

const key = (label: string, text: string): HTMLButtonElement => button("lnb-act", label, text);

/** Made for one turn; `update` with each newer state of it, then `work` until it returns true. */
export class EntryView {
  private readonly question = h("div", "lnb-question");
  private readonly time = h("time", "lnb-time");
  private readonly edit = key("Edit this question and ask again", "Edit");
  private readonly copyQuestion = key("Copy this question", "Copy");
  private readonly area = h("textarea", "lnb-ask lnb-ask-again");
  private readonly again = button("lnb-send", "Ask the edited question", "Ask again");
  private readonly cancel = key("Cancel editing", "Cancel");
  private readonly editor = h("div", "lnb-editor", this.area, h("div", "lnb-acts", this.cancel, this.again));
  private readonly mentions = h("div", "lnb-mentions");
  private readonly asked: HTMLElement;
  private readonly turn: TurnView;
  private readonly copyAnswer = key("Copy this answer", "Copy");
  private readonly retry = key("Retry: ask this question again", "Retry");
  private readonly older = key("Show the version before", "‹");
  private readonly newer = key("Show the version after", "›");
  private readonly which = h("span", "lnb-which");
  private readonly versions = h("span", "lnb-versions", this.older, this.which, this.newer);
  readonly element: HTMLElement;
  private entry: Entry;

  constructor(entry: Entry, private readonly hooks: EntryHooks, private readonly signal: AbortSignal) {
    this.entry = entry;
    this.turn = new TurnView({
      onStop: () => hooks.onTurn(entry.id, { kind: "stop" }),
      onDecide: (message) => hooks.onTurn(entry.id, message),
    });
    const acts = h("div", "lnb-acts lnb-acts-question", this.time, this.copyQuestion, this.edit);
    this.asked = h("div", "lnb-asked", this.question, this.mentions, this.editor, acts);
    const below = h("div", "lnb-acts lnb-acts-answer", this.versions, this.copyAnswer, this.retry);
    this.element = h("article", "lnb-entry", this.asked, this.turn.element, below);
    this.element.setAttribute("aria-label", "Question and answer");
    this.versions.setAttribute("role", "group");
    this.versions.setAttribute("aria-label", "Versions");
    this.question.dir = "auto";
    this.area.setAttribute("aria-label", "Edited question");
    this.editor.hidden = true;
    this.wire(signal);
  }

  update(entry: Entry, context: EntryContext): void {
    this.entry = entry;
    const { turn } = entry.state;
    setText(this.question, prose(entry.question));
    this.showMentions();
    this.showTime();
    this.turn.update(turn, context.elapsed, context.alive);
    const running = isRunning(turn);
    const off = context.busy || !context.alive;
    this.copyAnswer.hidden = running || answerOf(entry) === "";
    this.retry.hidden = running;
    for (const control of [this.retry, this.edit, this.again, this.older, this.newer]) control.disabled = off;
    const failed = turn.status === "error" || turn.status === "interrupted";
    this.retry.classList.toggle("lnb-act-wanted", failed && context.last);
    this.showVersions(off);
  }

  tick(elapsed: number): void {
    this.turn.tick(elapsed);
  }

  work(spent: () => boolean): boolean {
    return this.turn.work(spent);
  }

  private wire(signal: AbortSignal): void {
    ownKeys(this.area, signal);
    growWithText(this.area, signal);
    setAction(this.edit, () => this.openEditor());
    setAction(this.cancel, () => this.closeEditor());
    setAction(this.again, () => this.askAgain());
    setAction(this.retry, () => this.hooks.onRetry(this.entry.id));
    setAction(this.older, () => this.step(-1));
    setAction(this.newer, () => this.step(1));
    setAction(this.copyQuestion, () => void copied(this.copyQuestion, this.entry.question));
    setAction(this.copyAnswer, () => void copied(this.copyAnswer, answerOf(this.entry)));
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") this.closeEditor();
      else if (isSend(event)) {
        event.preventDefault();
        if (event.isTrusted && !event.repeat && !this.again.disabled) this.askAgain();
      }
    };
    this.area.addEventListener("keydown", onKey, { signal });
  }

  /** What went to the model beside the question, word for word. */
  private showMentions(): void {
    const { mentions } = this.entry;
    if (this.mentions.childElementCount === mentions.length) return;
    this.mentions.replaceChildren(...mentions.map((mention, index) => this.mention(mention, index)));
  }

  private mention({ label, text, picture }: Mention, index: number): HTMLElement {
    const named = prose(label);
    if (text === "") {
      const line = h("div", "lnb-mention", h("div", "lnb-mention-name", named));
      line.title = named;
      const show = (image: HTMLImageElement): void => line.prepend(makePictureKey(image, label));
      if (picture) this.hooks.onPicture(this.entry.id, index, show, this.signal);
      return line;
    }
    const pre = h("pre", "", prose(text));
    pre.tabIndex = 0;
    return h("details", "lnb-mention", h("summary", "", named), pre);
  }

  private showTime(): void {
    if (this.time.dateTime === this.entry.at) return;
    const at = new Date(this.entry.at);
    this.time.dateTime = this.entry.at;
    this.time.title = at.toLocaleString();
    setText(this.time, at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  }

  private showVersions(off: boolean): void {
    const { versions, id } = this.entry;
    const at = versions.indexOf(id);
    this.versions.hidden = versions.length < 2;
    setText(this.which, `${at + 1} / ${versions.length}`);
    this.older.disabled = off || at <= 0;
    this.newer.disabled = off || at === versions.length - 1;
  }

  private step(by: number): void {
    const { versions, id } = this.entry;
    const wanted = versions[versions.indexOf(id) + by];
    if (wanted !== undefined) this.hooks.onChoose(wanted);
  }

  private openEditor(): void {
    this.area.value = this.entry.question;
    this.question.hidden = true;
    this.editor.hidden = false;
    this.area.dispatchEvent(new Event("input"));
    this.area.focus({ preventScroll: true });
  }

  private closeEditor(): void {
    this.question.hidden = false;
    this.editor.hidden = true;
    this.edit.focus({ preventScroll: true });
  }

  private askAgain(): void {
    const text = this.area.value;
    if (text.trim() === "") return;
    this.closeEditor();
    this.hooks.onEdit(this.entry.id, text);
  }
}

/** The answer's text, exactly as the model wrote it. */
export function answerOf({ state }: Entry): string {
  const texts = state.turn.parts.map((part) => (part.type === "text" ? part.text : ""));
  return texts.filter((text) => text !== "").join("\n\n");
}

async function copied(control: HTMLElement, text: string): Promise<void> {
  setText(control, (await copyText(text)) ? "Copied" : "Not copied");
  setTimeout(() => setText(control, "Copy"), FEEDBACK_MS);
}
