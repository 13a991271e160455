// Checks the types: of the sources and tests, and of the examples in tests/protocol.json, of which tsc itself would
// only see that they hold strings. Run by `npm run check`.
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const made = await mkdtemp(join(tmpdir(), "lauren-check-"));
const path = (...names) => JSON.stringify(join(here, ...names));
try {
  const examples = await readFile(join(here, "..", "tests", "protocol.json"), "utf8");
  await writeFile(
    join(made, "examples.ts"),
    `import type { Examples, Missing } from ${path("test", "protocol", "examples")};
const examples = ${examples.trim()} as const satisfies Examples;
export const missing: [Missing<typeof examples>] extends [never] ? "none" : Missing<typeof examples> = "none";
`,
  );
  await writeFile(
    join(made, "tsconfig.json"),
    `{
  "extends": ${path("tsconfig.json")},
  "compilerOptions": { "typeRoots": [${path("node_modules", "@types")}] },
  "include": [${path("src")}, ${path("test")}, "examples.ts"]
}
`,
  );
  const tsc = join(here, "node_modules", "typescript", "bin", "tsc");
  process.exitCode = spawnSync(process.execPath, [tsc, "-p", made], { stdio: "inherit", cwd: here }).status ?? 1;
} finally {
  await rm(made, { recursive: true, force: true });
}
