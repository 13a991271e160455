// Owns keeping the page's shortcuts away from somebody who types. Does not know what is typed.

const KEYS = ["keydown", "keyup", "keypress"] as const;

/** A field whose keys are its own: JupyterLab neither cuts cells nor runs them. */
export function ownKeys(field: HTMLElement, signal: AbortSignal): void {
  field.setAttribute("data-lm-suppress-shortcuts", "true");
  for (const name of KEYS) field.addEventListener(name, (event) => event.stopPropagation(), { signal });
}

/** Enter as a person presses it to send: not while a word is composed, not with Shift. */
export function isSend(event: KeyboardEvent): boolean {
  const plain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
  return event.key === "Enter" && plain && !event.isComposing && event.keyCode !== 229;
}

/** Grows a text field with its text where the browser does not do it by itself. */
export function growWithText(area: HTMLTextAreaElement, signal: AbortSignal): void {
  if (CSS.supports("field-sizing", "content")) return;
  const grow = (): void => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  };
  area.addEventListener("input", grow, { signal });
}
