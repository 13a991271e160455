// Owns what JupyterLab's elements around a panel are told: which output it is in, and which it fills. By class: with
// `:has()` in its place, a browser would look through all of a long answer again for each new word.

const OUTPUT = "lnb-panel-output";
const FILLED = "lnb-filled";

/** Marks the elements around `root`, which is in the page; `signal` takes the marks off. */
export function markPlace(root: HTMLElement, signal: AbortSignal): void {
  mark(root.closest(".jp-OutputArea-child"), OUTPUT, signal);
  const linked = root.closest(".jp-LinkedOutputView");
  for (let at = root.parentElement; linked && at && at !== linked; at = at.parentElement) mark(at, FILLED, signal);
}

function mark(element: Element | null, name: string, signal: AbortSignal): void {
  element?.classList.add(name);
  signal.addEventListener("abort", () => element?.classList.remove(name));
}
