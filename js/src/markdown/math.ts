// Owns TeX -> MathML nodes of a strict allow-list; what cannot be drawn shows its source.
import temml from "temml/dist/temml.js";
import { h } from "../page/dom";
import { prose } from "../text/hazards";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const TAGS = new Set(
  ("math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle merror mpadded mphantom msub msup " +
    "msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd menclose").split(" "),
);
const ATTRIBUTES = new Set(
  ("display displaystyle scriptlevel mathvariant stretchy fence separator lspace rspace width height depth " +
    "linethickness accent accentunder movablelimits largeop symmetric minsize maxsize form columnalign " +
    "rowspacing columnspacing columnlines rowlines notation side rowspan columnspan").split(" "),
);
const STYLES = new Set(
  ("color background-color padding padding-left padding-right padding-top padding-bottom text-align " +
    "font-style font-weight border border-left border-right border-top border-bottom").split(" "),
);
const VALUE = /^[#%(),.\w\s+-]{0,80}$/;
const CLASS = /^(tml-[a-z-]+|mathcal|mathscr|upstrike|downstrike|sout)$/;
const MAX_DEPTH = 120;
const MAX_NODES = 4000;
const MAX_SOURCE = 4000;

interface Budget {
  nodes: number;
}
class TooMuchMath extends Error {}

/** Returns MathML, or the source in a `code` element where TeX does not parse or is too large. */
export function drawMath(tex: string, source: string, display: boolean): HTMLElement {
  const holder = h("span", display ? "lnb-math-block" : "lnb-math");
  const made = tex.length > MAX_SOURCE ? null : render(tex, display);
  if (made === null) {
    holder.className += " lnb-math-source";
    holder.append(h("code", "", prose(source)));
  } else {
    holder.append(made);
    if (display) holder.tabIndex = 0;
  }
  return holder;
}

function render(tex: string, display: boolean): Node | null {
  const scratch = document.createElement("span");
  try {
    temml.render(tex, scratch, {
      displayMode: display,
      trust: false,
      strict: false,
      throwOnError: true,
      maxExpand: 200,
      maxSize: [12, 120],
      annotate: false,
    });
    const math = scratch.querySelector("math");
    return math ? copyAllowed(math, 0, { nodes: 0 }) : null;
  } catch (error) {
    // A formula that does not parse, or nests deeper than the stack or our limits, shows its source.
    if (error instanceof temml.ParseError || error instanceof RangeError || error instanceof TooMuchMath) return null;
    if (error instanceof TypeError) return null; // temml 0.13 throws these on some malformed input
    throw error;
  }
}

/** Builds a new tree from what is allowed; an element that is not becomes its children's text. */
function copyAllowed(from: Node, depth: number, budget: Budget): Node {
  if (depth > MAX_DEPTH || ++budget.nodes > MAX_NODES) throw new TooMuchMath();
  if (!(from instanceof Element)) return document.createTextNode(prose(from.nodeValue ?? ""));
  const { localName } = from;
  if (from.namespaceURI !== MATHML || !TAGS.has(localName)) {
    return document.createTextNode(prose(from.textContent ?? ""));
  }
  const to = document.createElementNS(MATHML, localName) as MathMLElement;
  for (const { name, value } of from.attributes) {
    if (ATTRIBUTES.has(name) && VALUE.test(value)) to.setAttribute(name, value);
  }
  const names = [...from.classList].filter((name) => CLASS.test(name));
  if (names.length > 0) to.setAttribute("class", names.join(" "));
  copyStyle((from as MathMLElement).style, to.style);
  for (const child of from.childNodes) to.append(copyAllowed(child, depth + 1, budget));
  return to;
}

function copyStyle(from: CSSStyleDeclaration, to: CSSStyleDeclaration): void {
  for (const name of from) {
    const value = from.getPropertyValue(name);
    if (allowedStyle(name) && VALUE.test(value) && !value.includes("url")) to.setProperty(name, value);
  }
}

function allowedStyle(name: string): boolean {
  return STYLES.has(name) || /^border-(left|right|top|bottom)-(width|style|color)$/.test(name);
}
