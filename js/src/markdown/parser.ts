// Owns the one Markdown parser: text -> markdown-it tokens. Does not draw; its HTML renderer is unused.
import Parser, { type MarkdownIt, type Token } from "markdown-it";
import { isAllowedHref } from "../text/links";
import { mathRules } from "./math_rules";

export type { Token };

/** What parses of one text share: link definitions, and whether more text may follow. */
export interface ParseEnv {
  references: Record<string, { href: string; title: string }>;
  partial: boolean;
}

const MAX_NESTING = 60;

function makeParser(): MarkdownIt {
  const md = new Parser({ html: false, linkify: true, maxNesting: MAX_NESTING });
  md.validateLink = isAllowedHref;
  md.normalizeLinkText = (url) => url;
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  md.linkify.add("ftp:", null).add("//", null);
  md.use(mathRules);
  return md;
}

const md = makeParser();

export function newEnv(): ParseEnv {
  return { references: Object.create(null) as ParseEnv["references"], partial: false };
}

/** Returns a view of `env` for a tentative parse: what it defines does not stay. */
export function tentative(env: ParseEnv, partial: boolean): ParseEnv {
  return { references: Object.create(env.references) as ParseEnv["references"], partial };
}

/** Returns block tokens, inline tokens as their children; link definitions go into `env`. */
export function parseMarkdown(source: string, env: ParseEnv): Token[] {
  return md.parse(source, env as unknown as Parameters<MarkdownIt["parse"]>[1]);
}

/** Returns block tokens only, at a fraction of the cost; link definitions are forgotten. */
export function blockTokens(source: string, partial: boolean): Token[] {
  const tokens: Token[] = [];
  md.block.parse(source.replaceAll("\0", "\uFFFD"), md, { partial }, tokens);
  return tokens;
}

/** The key under which `env.references` holds a label. */
export function referenceKey(label: string): string {
  return md.utils.normalizeReference(label);
}
