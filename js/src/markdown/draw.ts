// Owns Markdown tokens -> nodes, by an allow-list: a token that is not known shows as its text.
// Does not parse, and does not know what was shown before.
import { codeBlock } from "../code/block";
import { setAction } from "../page/actions";
import { button, h } from "../page/dom";
import { prose } from "../text/hazards";
import { checkImage, checkLink, linkSuffix, type LinkCheck } from "../text/links";
import { drawMath } from "./math";
import type { Token } from "./parser";

type Tag = "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "li" | "blockquote" | "em" | "strong" | "s";
const CONTAINERS: Readonly<Record<string, Tag | "table" | "thead" | "tbody" | "tr" | "th" | "td">> = {
  paragraph_open: "p",
  bullet_list_open: "ul",
  ordered_list_open: "ol",
  list_item_open: "li",
  blockquote_open: "blockquote",
  table_open: "table",
  thead_open: "thead",
  tbody_open: "tbody",
  tr_open: "tr",
  th_open: "th",
  td_open: "td",
  em_open: "em",
  strong_open: "strong",
  s_open: "s",
};
const HEADING = /^h[1-6]$/;
const ALIGN = /^text-align:(left|center|right)$/;
const MAX_START = 999_999_999;

/** Builds the nodes of a list of tokens. Loops, so that deep nesting costs no stack. */
class Drawer {
  readonly root = document.createDocumentFragment();
  private readonly stack: ParentNode[] = [this.root];
  private readonly links: (LinkCheck | null)[] = [];
  private linkText = "";

  draw(tokens: readonly Token[]): void {
    for (const token of tokens) {
      if (token.type === "inline") this.draw(token.children ?? []);
      else if (token.type === "link_open") this.openLink(token);
      else if (token.type === "link_close") this.closeLink();
      else if (token.nesting === 1) this.open(token);
      else if (token.nesting === -1) this.close();
      else this.leaf(token);
    }
  }

  private get top(): ParentNode {
    return this.stack.at(-1)!;
  }

  private open(token: Token): void {
    const element = container(token);
    if (token.type === "paragraph_open" && !token.hidden) looseList(this.stack.at(-2), this.top);
    if (token.type === "table_open") this.top.append(h("div", "lnb-table", element));
    else this.top.append(element);
    this.stack.push(element);
  }

  private close(): void {
    if (this.stack.length > 1) this.stack.pop();
  }

  private text(text: string): void {
    if (this.links.length > 0) this.linkText += text;
    const shown = prose(text);
    const last = this.top.lastChild;
    if (last instanceof Text) last.appendData(shown);
    else this.top.append(shown);
  }

  private openLink(token: Token): void {
    const check = checkLink(attribute(token, "href"));
    const element = check ? anchor(check, attribute(token, "title")) : h("span", "lnb-nolink");
    this.top.append(element);
    this.stack.push(element);
    this.links.push(check);
    this.linkText = "";
  }

  private closeLink(): void {
    const check = this.links.pop();
    this.close();
    const suffix = check ? linkSuffix(check, this.linkText) : null;
    if (suffix !== null) this.top.append(h("span", "lnb-host", `→ ${prose(suffix)}`));
  }

  private leaf(token: Token): void {
    switch (token.type) {
      case "text":
      case "text_special":
        return this.text(token.content);
      case "softbreak":
        return this.text("\n");
      case "hardbreak":
        this.top.append(h("br"));
        return;
      case "code_inline":
        if (this.links.length > 0) this.linkText += token.content;
        this.top.append(h("code", "", prose(token.content)));
        return;
      case "fence":
        this.top.append(codeBlock(token.info, token.content));
        return;
      case "code_block":
        this.top.append(codeBlock("", token.content));
        return;
      case "reference_definition":
        return;
      case "hr":
        this.top.append(h("hr"));
        return;
      case "math_inline":
      case "math_block":
        this.top.append(this.math(token));
        return;
      case "image":
        this.top.append(this.image(token));
        return;
      default:
        return this.text(token.content);
    }
  }

  private math(token: Token): Node {
    if (token.meta?.open === true) return h("span", "lnb-math-block lnb-math-open", prose(token.markup.trimEnd()));
    return drawMath(token.content, token.markup, token.meta?.display === true);
  }

  /** An image is a button that names its host; inside a link it is text, for a link holds no button. */
  private image(token: Token): Node {
    const alt = token.content;
    const check = checkImage(attribute(token, "src"));
    if (check === null) return document.createTextNode(prose(`[image: ${alt}]`));
    if (this.links.length > 0) return document.createTextNode(prose(`[image: ${alt} (${check.host})]`));
    return imageButton(check, alt);
  }
}

const attribute = (token: Token, name: string): string => String(token.attrGet(name) ?? "");

function container(token: Token): HTMLElement {
  const tag = token.type === "heading_open" && HEADING.test(token.tag) ? (token.tag as Tag) : CONTAINERS[token.type];
  const element = h(tag ?? "div");
  if (element instanceof HTMLOListElement) setStart(element, token.attrGet("start"));
  if (token.type === "th_open" || token.type === "td_open") {
    const align = ALIGN.exec(String(token.attrGet("style") ?? ""))?.[1];
    if (align) element.className = `lnb-${align}`;
  }
  return element;
}

function setStart(list: HTMLOListElement, start: string | number | null): void {
  const number = Number(start ?? 1);
  if (number !== 1 && Number.isInteger(number) && number >= 0 && number <= MAX_START) list.start = number;
}

/** A list whose paragraphs are not hidden is loose. Its items are the same either way: only the list's
 * class tells, so that items that are finished are never touched again. */
function looseList(list: ParentNode | undefined, item: ParentNode): void {
  if (item instanceof HTMLLIElement && list instanceof HTMLElement) list.classList.add("lnb-loose");
}

function anchor(check: LinkCheck, title: string): HTMLAnchorElement {
  const link = h("a");
  link.href = check.href;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
  link.referrerPolicy = "no-referrer";
  link.title = prose(`${title ? `${title}\n` : ""}${check.host}\n${check.href}`);
  return link;
}

function imageButton(check: LinkCheck, alt: string): HTMLElement {
  const label = prose(alt === "" ? "Image" : alt);
  const load = button("lnb-image", `Load image “${label}” from ${check.host}`, h("span", "lnb-image-alt", label));
  load.append(" ", h("span", "lnb-host", `load from ${check.host}`));
  load.removeAttribute("aria-label"); // what it shows is its name
  setAction(load, (target) => {
    const image = h("img", "lnb-loaded");
    image.referrerPolicy = "no-referrer";
    image.alt = label;
    image.src = check.href;
    target.replaceWith(image);
  });
  return load;
}

/** Returns the nodes for a list of block tokens. */
export function drawTokens(tokens: readonly Token[]): Node[] {
  const drawer = new Drawer();
  drawer.draw(tokens);
  return [...drawer.root.childNodes];
}
