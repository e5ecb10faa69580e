// What the files of a folder weigh: `node web/size.mjs FOLDER LIMIT_KB` (1 KB = 1000 bytes).
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const [folder, limit] = process.argv.slice(2);
const row = (name, raw, brotli) =>
  console.log(`${name.padEnd(28)}${raw.padStart(12)}${brotli.padStart(12)}`);
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

const total = [0, 0];
row("file", "raw", "brotli");
for (const name of readdirSync(folder).sort()) {
  const content = readFileSync(join(folder, name));
  const brotli = brotliCompressSync(content).length;
  row(name, kb(content.length), kb(brotli));
  total[0] += content.length;
  total[1] += brotli;
}
row("all", ...total.map(kb));
if (total[1] > limit * 1000) {
  console.error(`${folder}: above the limit of ${limit} KB`);
  process.exit(1);
}
