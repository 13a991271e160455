// Owns putting our style sheet into the page, once for each document or shadow root.
import css from "../style.css";

const MARK = "lauren-nb-style";

export function addStyle(element: HTMLElement): void {
  const root = element.getRootNode();
  const home = root instanceof ShadowRoot ? root : element.ownerDocument.head;
  for (const old of home.querySelectorAll<HTMLStyleElement>(`style[data-${MARK}]`)) {
    if (old.textContent === css) return;
  }
  const style = element.ownerDocument.createElement("style");
  style.setAttribute(`data-${MARK}`, "");
  style.textContent = css;
  home.append(style);
}
