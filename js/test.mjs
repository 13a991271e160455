// Bundles test/**/*.test.ts for Node and runs them with Node's own test runner. Run by `npm test`.
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { shared } from "./build.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const made = await mkdtemp(join(tmpdir(), "lauren-js-"));
const names = (await readdir(join(here, "test"), { recursive: true })).filter((name) => name.endsWith(".test.ts"));
try {
  await build({
    ...shared,
    minify: false,
    platform: "node",
    target: "node20",
    entryPoints: names.map((name) => join(here, "test", name)),
    outdir: made,
    outbase: join(here, "test"),
    outExtension: { ".js": ".mjs" },
    define: { __WIRE__: JSON.stringify(join(here, "..", "tests", "wire")) },
  });
  const files = names.map((name) => join(made, name.replace(/\.ts$/, ".mjs")));
  const ran = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" });
  process.exitCode = ran.status ?? 1;
} finally {
  await rm(made, { recursive: true, force: true });
}
