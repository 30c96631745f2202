import { readdirSync } from "node:fs";
import { defineConfig } from "vite";

// Every src/<name>.ts that is listed here, and every src/islands/<name>.ts, becomes static/photodose/<name>.js.
const islands = (() => { try { return readdirSync("src/islands").filter((n) => n.endsWith(".ts")); } catch { return []; } })();
const input = { app: "src/app.ts", player: "src/player.ts", sw: "src/sw.ts" };
for (const name of islands) input[name.replace(/\.ts$/, "")] = `src/islands/${name}`;

export default defineConfig({
  publicDir: false,
  build: {
    outDir: "../src/photodose/app/static/photodose",
    emptyOutDir: false,
    target: "es2022",
    modulePreload: false,
    reportCompressedSize: true,
    rollupOptions: {
      input,
      output: { entryFileNames: "[name].js", chunkFileNames: "chunk-[name].js", assetFileNames: "[name][extname]" },
    },
  },
});
