// Owns when we may take the keyboard focus: never from somebody who types or answers something else.

const BUSY =
  "input, textarea, select, [contenteditable=''], [contenteditable=true], .cm-editor, iframe, dialog, " +
  "[role=dialog], [role=alertdialog], [role=menu], [role=menubar], [role=textbox], .jp-Dialog, .lm-Menu";

/** Focuses it if nobody is at work elsewhere; returns whether it did. */
export function takeFocus(element: HTMLElement): boolean {
  const active = getActive();
  if (!element.isConnected || (active instanceof Element && active.closest(BUSY))) return false;
  element.focus({ preventScroll: true });
  element.closest("[role=alertdialog]")?.scrollIntoView({ block: "nearest" });
  return getActive() === element;
}

/** The focused element, also inside shadow roots. */
function getActive(): Element | null {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}

export function holdsFocus(element: HTMLElement): boolean {
  return element.contains(getActive());
}
