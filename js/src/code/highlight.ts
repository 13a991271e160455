// Owns the colours of code: source -> our own spans. Works on bounded pieces; does not lay code out.
import type { Nodes } from "hast";
import { createLowlight } from "lowlight";
import { prose } from "../text/hazards";
import { ALIASES, LANGUAGES } from "./languages";

const lowlight = createLowlight(LANGUAGES);
lowlight.registerAlias(ALIASES as Record<string, string[]>);

const CLASS = /^(hljs-)?[a-z][a-z0-9-]{0,30}_?$/;
const MAX_LABEL = 24;

/** The first word of a fence's info string, as a label; empty if there is none. */
export function languageLabel(info: string): string {
  return (/^[^\s{},:]+/.exec(info)?.[0] ?? "").slice(0, MAX_LABEL);
}

/** Returns nodes that show `source`, coloured if the language is known. Their text is `source` with
 * invisible characters made visible. */
export function highlight(source: string, language: string): Node[] {
  if (language === "" || !lowlight.registered(language)) return [document.createTextNode(prose(source))];
  return draw(lowlight.highlight(language, source).children);
}

function draw(nodes: readonly Nodes[]): Node[] {
  return nodes.flatMap((node): Node[] => {
    if (node.type === "text") return [document.createTextNode(prose(node.value))];
    if (node.type !== "element") return [];
    const span = document.createElement("span");
    const names = node.properties["className"];
    if (Array.isArray(names)) span.className = names.filter((name) => CLASS.test(String(name))).join(" ");
    span.append(...draw(node.children));
    return [span];
  });
}
