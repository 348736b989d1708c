// Builds each script of the edge into one file with its types: node build-edge.mjs [FOLDER]
// The sum of the sources stands in the first line, so that a test without Node can tell whether the file is current.
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SCRIPTS = [
  { sources: ["evaluator"], entry: "evaluator/living-personas-evaluator.mts" },
  { sources: ["evaluator", "openfeature"], entry: "openfeature/living-personas-openfeature-server.mts" },
  { sources: ["evaluator", "openfeature"], entry: "openfeature/living-personas-openfeature-web.mts" },
];
const out = process.argv[2] ?? "../src/living_personas/http/static";
const types = mkdtempSync(join(tmpdir(), "types-"));

const sumOf = (folders) => {
  const files = folders.flatMap((folder) => readdirSync(folder).sort().map((name) => join(folder, name)));
  return files.reduce((sum, file) => sum.update(readFileSync(file)), createHash("sha256")).digest("hex").slice(0, 16);
};

execFileSync("tsc", ["--emitDeclarationOnly", "--outDir", types], { stdio: "inherit" });
for (const { sources, entry } of SCRIPTS) {
  const name = entry.split("/").at(-1).replace(".mts", "");
  await build({
    entryPoints: [entry],
    outfile: join(out, `${name}.mjs`),
    bundle: true,
    format: "esm",
    target: "es2023",
    charset: "utf8",
    external: ["@openfeature/*"],
    banner: { js: `// Living Personas, Apache-2.0. Built from browser/{${sources}}, sum ${sumOf(sources)}.` },
    logLevel: "warning",
  });
  copyFileSync(join(types, entry.replace(".mts", ".d.mts")), join(out, `${name}.d.mts`));
}
rmSync(types, { recursive: true });
