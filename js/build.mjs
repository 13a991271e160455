// Bundles the loader and the runtime into ../lauren_nb/static. Run by `npm run build`.
import { readFile, stat } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "lauren_nb", "static");

// temml's ES module always carries its chemistry and physics extensions (10 kB gzipped). Its classic
// script does not, and only needs an export. Delete this when temml exports the plain build.
const temmlWithoutExtensions = {
  name: "temml-without-extensions",
  setup(b) {
    b.onLoad({ filter: /temml[\\/]dist[\\/]temml\.js$/ }, async ({ path }) => ({
      contents: `${await readFile(path, "utf8")}\nexport default temml;\n`,
      loader: "js",
    }));
  },
};

export const shared = {
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "esm",
  target: "es2022",
  legalComments: "none",
  loader: { ".css": "text" },
  logLevel: "warning",
  plugins: [temmlWithoutExtensions],
};

async function minifiedCss() {
  const made = await build({
    entryPoints: [join(here, "src", "style.css")],
    bundle: true, // panel.css is imported
    minify: true,
    write: false,
    charset: "utf8",
  });
  return made.outputFiles[0].text.trim();
}

const inlineCss = {
  name: "inline-css",
  setup(b) {
    b.onLoad({ filter: /style\.css$/ }, async () => ({
      contents: `export default ${JSON.stringify(await minifiedCss())};`,
      loader: "js",
    }));
  },
};

// What the browser has itself: HTML's named references, and which characters are symbols. Tables of them
// would be 15 kB gzipped.
const browserTables = {
  name: "browser-tables",
  setup(b) {
    b.onResolve({ filter: /^entities$/ }, () => ({ path: join(here, "src", "markdown", "entities.ts") }));
    b.onLoad({ filter: /uc\.micro[\\/]build[\\/]index\.mjs$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8"))
        .replace(/^const S = .*$/m, "const S = /\\p{S}/u;")
        .replace(/^const Cf = .*$/m, "const Cf = /\\p{Cf}/u;"),
      loader: "js",
    }));
  },
};

async function bundle(name) {
  const outfile = join(out, `${name}.js`);
  await build({
    ...shared,
    plugins: [temmlWithoutExtensions, inlineCss, browserTables],
    entryPoints: [join(here, "src", `${name}.ts`)],
    outfile,
  });
  const bytes = await readFile(outfile);
  const packed = gzipSync(bytes, { level: 9 }).length;
  console.log(`${name}.js ${(await stat(outfile)).size} bytes, ${packed} gzipped`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle("loader");
  await bundle("runtime");
}
