// Owns HTML's named character references (`&nbsp;`), asked of the browser: a table of its own would be 13 kB
// gzipped. It stands in for the `entities` package in the built bundle; node tests have the package itself.

/** A reference and nothing else, so what the browser is given can hold no markup. */
const REFERENCE = /^&[a-z][a-z0-9]{1,31};$/i;
/** HTML knows 2,125 names; what is no name of them is remembered too. */
const MAX_KNOWN = 4096;
const known = new Map<string, string>();

/** What `reference` stands for; itself where it is none. */
export function decodeHTMLStrict(reference: string): string {
  if (!REFERENCE.test(reference)) return reference;
  const found = known.get(reference);
  if (found !== undefined) return found;
  if (known.size >= MAX_KNOWN) known.clear();
  const decoded = ask(reference);
  known.set(reference, decoded);
  return decoded;
}

function ask(reference: string): string {
  try {
    const text = new DOMParser().parseFromString(`<p>${reference}`, "text/html").body.textContent ?? "";
    // `&notit;` is read as `&not` and "it;": not the name that was written.
    return text === "" || (text.endsWith(";") && reference !== "&semi;") ? reference : text;
  } catch (error) {
    if (error instanceof TypeError) return reference; // a page that allows no parsing (Trusted Types)
    throw error;
  }
}
