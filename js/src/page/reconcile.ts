// Owns turning the nodes that are shown into the nodes that should be, keeping what is the same, so that
// a selection survives and nothing flickers. Does not know what the nodes mean.
import { moveAction } from "./actions";

/** From so many new nodes on, the text's direction is sought once, when all are in. */
const MANY = 200;

/** Makes `wanted` the nodes at the place of `shown` in `parent`, before `next`. Returns the nodes that
 * are there now: old ones where they could stay. */
export function reconcile(
  parent: Node,
  shown: readonly Node[],
  wanted: readonly Node[],
  next: Node | null,
): Node[] {
  const result: Node[] = [];
  const added = document.createDocumentFragment();
  for (let index = 0; index < wanted.length; index++) {
    const fresh = wanted[index]!;
    const old = shown[index];
    if (old !== undefined && old.parentNode === parent && adopt(old, fresh)) {
      result.push(old);
    } else {
      if (old === undefined) added.append(fresh);
      else if (old.parentNode === parent) parent.replaceChild(fresh, old);
      else parent.insertBefore(fresh, next);
      result.push(fresh);
    }
  }
  insert(parent, added, next);
  for (const old of shown.slice(wanted.length)) if (old.parentNode === parent) parent.removeChild(old);
  return result;
}

/** Chromium 156 reads a `dir=auto` text anew for each node that comes into it: 12,000 take half a minute. */
function insert(parent: Node, added: DocumentFragment, next: Node | null): void {
  const many = added.childNodes.length >= MANY && parent instanceof Element;
  const text = many ? parent.closest("[dir=auto]") : null;
  text?.removeAttribute("dir");
  parent.insertBefore(added, next);
  text?.setAttribute("dir", "auto");
}

/** Makes `old` like `fresh`; false if it cannot become it. */
function adopt(old: Node, fresh: Node): boolean {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return false;
  if (old instanceof Text) {
    setText(old, fresh.nodeValue ?? "");
    return true;
  }
  if (!(old instanceof Element) || !(fresh instanceof Element) || !sameAttributes(old, fresh)) return false;
  moveAction(fresh, old);
  reconcile(old, [...old.childNodes], [...fresh.childNodes], null);
  return true;
}

function setText(node: Text, wanted: string): void {
  const now = node.data;
  if (now === wanted) return;
  if (wanted.startsWith(now)) node.appendData(wanted.slice(now.length));
  else node.data = wanted;
}

function sameAttributes(old: Element, fresh: Element): boolean {
  if (old.attributes.length !== fresh.attributes.length) return false;
  for (const { name, value } of fresh.attributes) {
    if (name !== "class" && old.getAttribute(name) !== value) return false;
  }
  if (old.className !== fresh.className) old.setAttribute("class", fresh.getAttribute("class") ?? "");
  return true;
}
