// Owns making the first frame quick: the parser and the colours are compiled while the page is idle.
// What it makes is thrown away.
import { highlight } from "./code/highlight";
import { newEnv, parseMarkdown } from "./markdown/parser";

const SAMPLE = "# a\n\nb **c** `d` [e](https://f.example) $g$\n\n- h\n\n| i |\n|---|\n| j |\n\n> k\n\n```py\nl\n```\n";

export function warmUp(): void {
  const idle = globalThis.requestIdleCallback ?? ((task: () => void) => setTimeout(task, 50));
  idle(() => {
    parseMarkdown(SAMPLE, newEnv());
    idle(() => void highlight("import os\n", "python"));
  });
}
