// Owns which languages are coloured and what their other names are. Does not colour.
import type { LanguageFn } from "highlight.js";
import bash from "highlight.js/lib/languages/bash";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import java from "highlight.js/lib/languages/java";
import json from "highlight.js/lib/languages/json";
import julia from "highlight.js/lib/languages/julia";
import markdown from "highlight.js/lib/languages/markdown";
import python from "highlight.js/lib/languages/python";
import r from "highlight.js/lib/languages/r";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

export const LANGUAGES: Readonly<Record<string, LanguageFn>> = {
  bash, diff, go, java, json, julia, markdown, python, r, rust, sql, typescript, xml, yaml,
};

/** Names beside those that the grammars declare themselves. JavaScript is read as TypeScript, which holds
 * it whole: its own grammar would cost 5 kB more. */
export const ALIASES: Readonly<Record<string, readonly string[]>> = {
  bash: ["shell", "console", "shell-session"],
  python: ["ipython", "ipython3", "python3"],
  json: ["jsonc", "ipynb"],
  typescript: ["javascript", "js", "jsx", "mjs", "cjs", "node"],
};
