// Writes assets.json: the hash of the sources the built files came from, so that a stale build is found without Node.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const walk = (folder) => readdirSync(folder).sort().flatMap((name) => {
  const path = join(folder, name);
  return statSync(path).isDirectory() ? walk(path) : [path];
});
const files = [...walk("src"), "package.json", "package-lock.json", "vite.config.js", "tsconfig.json"].map((f) => f.replaceAll("\\", "/")).sort();
const hash = createHash("sha256");
for (const file of files) hash.update(file + "\0").update(readFileSync(file)).update("\0");
writeFileSync("../src/photodose/app/static/photodose/assets.json", JSON.stringify({ sources_sha256: hash.digest("hex") }) + "\n");
