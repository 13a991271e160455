// Folder page: owns the browser's page for all views: elements, clicks, focus, frames, scrolling, style. Does not
// know what a model says.
//
// Owns what a click on one of our buttons does. One listener on the root finds the action of the button;
// actions are kept beside the elements, so no model text is ever read back from an attribute.

export type Action = (button: HTMLElement, event: MouseEvent) => void;

const actions = new WeakMap<Node, Action>();

export function setAction(button: Element, action: Action): void {
  actions.set(button, action);
}

export function moveAction(from: Node, to: Node): void {
  const action = actions.get(from);
  if (action) actions.set(to, action);
  else actions.delete(to);
}

/** Only a person's own click or key counts. */
export function listenForActions(root: HTMLElement, signal: AbortSignal): void {
  const onClick = (event: MouseEvent): void => {
    if (!event.isTrusted || !(event.target instanceof Element)) return;
    const button = event.target.closest("button");
    const action = button && actions.get(button);
    if (!action || !(button instanceof HTMLElement)) return;
    event.preventDefault();
    action(button, event);
  };
  root.addEventListener("click", onClick, { signal });
}
