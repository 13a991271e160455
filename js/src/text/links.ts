// Owns where a link or an image of the model's may lead, and what a reader is told about it.
// Does not build elements.

export interface LinkCheck {
  /** Normalised address, safe to put into `href`. */
  readonly href: string;
  /** The host that it leads to, or the address for mail. */
  readonly host: string;
  /** What a reader should know before a click; empty for a plain link. */
  readonly warnings: readonly string[];
}

const BAD_CHARS = /[\p{Cc}\p{Cf}\p{Z}\p{DI}]/u;
const WEB = /^https?:\/\//i;
const MAIL = /^mailto:[^?]+/i;
const MAX_HREF = 4096;

/** Whether markdown-it may make a link of it at all; what is refused stays visible as its source. */
export function isAllowedHref(href: string): boolean {
  return href.startsWith("#") || checkLink(href) !== null;
}

/** Returns null for everything but http, https and mailto with a plain, parseable address. */
export function checkLink(href: string): LinkCheck | null {
  if (href.length > MAX_HREF || BAD_CHARS.test(href) || href.includes("\\")) return null;
  if (MAIL.test(href)) return { href, host: safeDecode(href.slice(7).split("?")[0]!), warnings: [] };
  if (!WEB.test(href)) return null;
  const url = parse(href);
  if (url === null || url.hostname === "") return null;
  return { href: url.href, host: url.host, warnings: hostWarnings(url, href) };
}

/** As `checkLink`, for the address of an image: http and https only. */
export function checkImage(src: string): LinkCheck | null {
  return WEB.test(src) ? checkLink(src) : null;
}

function parse(href: string): URL | null {
  try {
    return new URL(href);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

function hostWarnings(url: URL, written: string): string[] {
  const warnings: string[] = [];
  if (url.username !== "" || url.password !== "" || /^https?:\/\/[^/?#]*@/i.test(written)) {
    warnings.push("holds a user name");
  }
  if (/(^|\.)xn--/i.test(url.hostname)) warnings.push("international name");
  return warnings;
}

/** Each piece is bounded, so that a text of 100,000 brackets is read in one go. */
const HOSTS = /(?:^|[\s(<[])(?:[a-z][a-z0-9+.-]{0,20}:\/\/)?(?:[^\s/@]{0,99}@)?((?:[\p{L}\p{N}-]{1,63}\.){1,20}[\p{L}]{2,63}|\d{1,3}(?:\.\d{1,3}){3})(?=$|[\s/:?#)>\]])/giu;
/** Of a whole address the host counts without a dot, too: localhost. */
const ADDRESSES = /https?:\/\/(?:[^\s/?#@]*@)?([\p{L}\p{N}._-]+)/giu;

/** The hosts that a text names; dots and letters that look like those of a host are those. */
function namedHosts(text: string): string[] {
  const plain = text.normalize("NFKC").replaceAll("\u3002", ".");
  const found = [...plain.matchAll(ADDRESSES), ...plain.matchAll(HOSTS)];
  return found.map((match) => match[1]!.toLowerCase().replace(/\.+$/, ""));
}

/** What the reader must see next to the link: the real host where the text names another one, mixed
 * scripts in the text, and the warnings of the address. Null for a link that says what it is. */
export function linkSuffix(check: LinkCheck, text: string): string | null {
  const notes = [...check.warnings];
  const named = namedHosts(text);
  const real = check.host.toLowerCase().replace(/:\d+$/, "").replace(/^.*@/, "");
  const same = named.every((host) => bare(host) === bare(real));
  if (named.some(hasMixedScripts)) notes.push("mixed scripts");
  if (same && notes.length === 0) return null;
  return `${check.host}${notes.length > 0 ? ` · ${notes.join(", ")}` : ""}`;
}

const bare = (host: string): string => host.replace(/^www\./, "");

/** Whether Latin letters stand beside Cyrillic, Greek, Armenian or Cherokee ones that look like them. */
export function hasMixedScripts(text: string): boolean {
  return (
    /\p{Script=Latin}/u.test(text) &&
    /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(text)
  );
}
