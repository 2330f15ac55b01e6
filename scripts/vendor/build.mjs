// Packs what the page has of others: node build.mjs [FOLDER]. A file says which versions it holds and what it was made from.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const here = (path) => new URL(path, import.meta.url);
const folder = process.argv[2] ?? here("../../api/web/assets/vendor").pathname;
const INPUTS = ["build.mjs", "charts.mjs", "package-lock.json"];

const made = createHash("sha256");
for (const name of INPUTS) made.update(await readFile(here(name)));
const { packages } = JSON.parse(await readFile(here("package-lock.json"), "utf8"));
const shipped = Object.keys(packages).filter((path) => path && !packages[path].dev);
const names = shipped.map((path) => `${path.replace("node_modules/", "")} ${packages[path].version}`);
const licences = await Promise.all(shipped.map((path) => readFile(here(`${path}/LICENSE.md`), "utf8")));

const { outputFiles } = await build({
  entryPoints: [here("charts.mjs").pathname],
  bundle: true, write: false, minify: true, format: "esm", target: "es2022", legalComments: "none",
  banner: { js: `/* ${names.join(", ")}; built by scripts/vendor from ${made.digest("hex")}` + `\n\n${licences.join("\n")}*/` },
});
await mkdir(folder, { recursive: true });
await writeFile(`${folder}/charts.js`, outputFiles[0].contents);
