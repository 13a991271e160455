// Owns the few ways to make elements. Text only ever goes in as text; class names are our own literals.

type Child = Node | string | null;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

export function button(className: string, label: string, ...children: Child[]): HTMLButtonElement {
  const element = h("button", className, ...children);
  element.type = "button";
  element.setAttribute("aria-label", label);
  element.title = label;
  return element;
}

/** Sets a text node's or element's text only if it differs: nothing is laid out for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Hides or shows it only if that is new: set again, it is styled again. */
export function setHidden(element: HTMLElement, hidden: boolean): void {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/** Sets all its classes only if they are others. */
export function setClass(element: Element, names: string): void {
  if (element.className !== names) element.className = names;
}

/** Copies to the clipboard; false if the page may not. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    // TypeError: no clipboard outside secure contexts. NotAllowedError: the frame may not use it.
    if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error;
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const area = h("textarea", "lnb-offscreen");
  area.value = text;
  area.setAttribute("aria-hidden", "true");
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return done;
}
