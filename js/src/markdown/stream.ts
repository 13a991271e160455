// Owns the nodes of one streaming Markdown text: finished pieces go in once and stay, the open piece is
// drawn again. Does not schedule, scroll or know of turns.
import { CodeBlock } from "../code/block";
import { reconcile } from "../page/reconcile";
import { BlockSplitter, PARAGRAPH_STUB, type FinishedPiece, type MarkdownPiece, type OpenPiece } from "./blocks";
import type { Join } from "./cuts";
import { drawTokens } from "./draw";
import { newEnv, parseMarkdown, tentative, type Token } from "./parser";
import { finish } from "./pending";
import { References } from "./references";

/** Created by a part of a turn; `feed`, then `work` until it returns true; `end` when no more comes. */
export class MarkdownStream {
  private readonly splitter = new BlockSplitter();
  private readonly env = newEnv();
  private readonly references = new References();
  private code: CodeBlock | null = null;
  private last: Element | null = null;
  private openInside: Node[] = [];
  private openAfter: Node[] = [];
  private ended = false;

  constructor(private readonly root: HTMLElement) {}

  feed(text: string): void {
    this.splitter.feed(text);
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.splitter.end();
  }

  /** Works until all is drawn or `spent` says that the time is up. Returns whether all is drawn. */
  work(spent: () => boolean): boolean {
    let open: OpenPiece | null | undefined;
    while (!this.splitter.idle) {
      const step = this.splitter.step();
      for (const piece of step.finished) this.finish(piece);
      open = step.open;
      if (spent()) break;
    }
    if (open !== undefined) this.showOpen(open);
    return this.splitter.idle;
  }

  private finish(piece: FinishedPiece): void {
    if (piece.type === "markdown") return this.finishMarkdown(piece);
    if (piece.type === "fence-open") {
      this.code = new CodeBlock(piece.info);
      this.place("none", [this.code.element], true);
      this.last = this.code.element;
    } else if (piece.type === "fence-lines") this.code?.addLines(piece.text);
    else {
      this.code?.close();
      this.code = null;
    }
  }

  private finishMarkdown(piece: MarkdownPiece): void {
    this.loosen(piece);
    const { inside, after } = this.place(piece.join, this.nodesOf(piece, this.env), true);
    this.references.watch(piece, [...inside, ...after], this.env);
    for (const entry of this.references.defined(piece.source, this.env)) this.drawAgain(entry);
    const element = after.findLast((node) => node instanceof Element);
    if (element instanceof Element) this.last = element;
  }

  private loosen(piece: MarkdownPiece): void {
    if (piece.loose && piece.join === "list" && this.last) listOf(this.last)?.classList.add("lnb-loose");
  }

  private drawAgain(entry: { piece: MarkdownPiece; nodes: Node[] }): void {
    const fresh = this.nodesOf(entry.piece, this.env);
    const flat = split(fresh, entry.piece.join).flat();
    if (flat.length === entry.nodes.length) entry.nodes = entry.nodes.map((node, at) => redraw(node, flat[at]!));
  }

  private showOpen(open: OpenPiece | null): void {
    if (open?.type === "fence-partial") {
      this.code?.setPartial(open.text);
      this.place("none", [], false);
    } else if (open === null) this.place("none", [], false);
    else {
      this.loosen(open);
      const shown = { ...open, source: finish(open.source) };
      this.place(open.join, this.nodesOf(shown, tentative(this.env, true)), false);
    }
  }

  private nodesOf(piece: MarkdownPiece, env: ReturnType<typeof newEnv>): Node[] {
    const tokens = parseMarkdown(piece.prefix + piece.source, env);
    if (piece.prefix === PARAGRAPH_STUB) stripStub(tokens);
    const nodes = drawTokens(tokens);
    if (piece.join === "paragraph" && nodes[0] instanceof Element) nodes[0].classList.add("lnb-more");
    return nodes;
  }

  /** Puts nodes where the open ones were. Finished ones stay; open ones make room for the next. */
  private place(join: Join, nodes: Node[], finished: boolean): { inside: Node[]; after: Node[] } {
    const target = join === "none" || !this.last ? null : innerOf(this.last, join);
    const [inner, rest] = target ? split(nodes, join) : [[], nodes];
    if (target && loose(nodes[0])) listOf(this.last!)?.classList.add("lnb-loose");
    const parent = target ?? this.openInside[0]?.parentNode;
    const inside = parent ? reconcile(parent, this.openInside, inner, null) : [];
    const after = reconcile(this.root, this.openAfter, rest, null);
    this.openInside = finished ? [] : inside;
    this.openAfter = finished ? [] : after;
    return { inside, after };
  }
}

function loose(node: Node | undefined): boolean {
  return node instanceof Element && node.classList.contains("lnb-loose");
}

function listOf(element: Element): Element | null {
  return element.matches("ul, ol") ? element : null;
}

/** Where the next pieces of the same block go. */
function innerOf(element: Element, join: Join): Element | null {
  switch (join) {
    case "list":
      return listOf(element);
    case "table":
      return element.matches(".lnb-table") ? element.querySelector("tbody") : null;
    case "quote":
      return element.matches("blockquote") ? element : null;
    default:
      return null;
  }
}

/** Parts the children of the first block from the blocks after it. */
function split(nodes: readonly Node[], join: Join): [Node[], Node[]] {
  const [first, ...rest] = nodes;
  const inner = first instanceof Element ? innerOf(first, join) : null;
  return inner ? [[...inner.childNodes], rest] : [[], [...nodes]];
}

const GROWING: readonly Join[] = ["list", "table", "quote"];

/** Makes `old` like `fresh`, but keeps what later pieces have put into the same list, table or quote. */
function redraw(old: Node, fresh: Node): Node {
  for (const join of GROWING) {
    const into = old instanceof Element ? innerOf(old, join) : null;
    const from = fresh instanceof Element ? innerOf(fresh, join) : null;
    if (!into || !from) continue;
    const shown = [...into.childNodes].slice(0, from.childNodes.length);
    [...from.childNodes].forEach((node, at) => shown[at] && redraw(shown[at], node));
    if (join === "table") redrawHead(old as Element, fresh as Element);
    return old;
  }
  const parent = old.parentNode;
  return parent ? reconcile(parent, [old], [fresh], old.nextSibling)[0]! : old;
}

function redrawHead(old: Element, fresh: Element): void {
  const [shown, wanted] = [old.querySelector("thead"), fresh.querySelector("thead")];
  if (shown?.parentNode && wanted) reconcile(shown.parentNode, [shown], [wanted], shown.nextSibling);
}

function stripStub(tokens: readonly Token[]): void {
  const text = tokens.find((token) => token.type === "inline")?.children?.[0];
  if (text?.type === "text" && text.content.startsWith(PARAGRAPH_STUB)) {
    text.content = text.content.slice(PARAGRAPH_STUB.length);
  }
}
