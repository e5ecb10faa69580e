// What a player fetches of the page, by part: `node web/size.mjs FOLDER` (1 KB = 1000 bytes).
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

/** In KB of brotli. A browser fetches one of the two bundles. */
const LIMITS = { webgpu: 6000, webgl2: 6000, worker: 700 };
/** Weights are f16 noise to any compressor, and have their place in the world's own budget. */
const WITHOUT_LIMIT = ["assets"];
/** What static hosts that compress beforehand use. */
const QUALITY = 11;

const [folder] = process.argv.slice(2);
const parts = {};
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  const [first] = path.slice(folder.length).split(/[\\/]/).filter(Boolean);
  const name = first in LIMITS || WITHOUT_LIMIT.includes(first) ? first : "page";
  const part = (parts[name] ??= { raw: 0, brotli: 0 });
  const content = readFileSync(path);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  };
  part.raw += content.length;
  part.brotli += brotliCompressSync(content, { params }).length;
}

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
const row = (...cells) => console.log(cells[0].padEnd(10) + cells.slice(1).map((cell) => cell.padStart(14)).join(""));
row("part", "raw", "brotli", "limit");
let failed = false;
for (const [name, { raw, brotli }] of Object.entries(parts).sort()) {
  const limit = LIMITS[name];
  const above = limit && brotli > limit * 1000;
  failed ||= above;
  row(name, kb(raw), kb(brotli), limit ? `${limit} KB` : "", above ? "ABOVE" : "");
}
if (failed) {
  console.error(`${folder}: a part is above its limit`);
  process.exit(1);
}
