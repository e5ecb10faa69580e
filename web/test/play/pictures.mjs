// Pictures as bytes, R G B A, and how far they are from those of the native engine.
import { readFile } from "node:fs/promises";

/** What the native engine drew: the picture of each frame. */
export async function nativePictures(folder, { width, height }) {
  const all = await readFile(`${folder}/pictures.rgba`);
  const bytes = width * height * 4;
  return Array.from({ length: all.length / bytes }, (_, i) => all.subarray(i * bytes, (i + 1) * bytes));
}

/** Of 255: the largest and the mean difference of two pictures' colours. */
export function difference(found, expected) {
  if (found.length !== expected.length) throw new Error(`expected ${expected.length} bytes, found ${found.length}`);
  let [largest, sum] = [0, 0];
  for (let i = 0; i < found.length; i++) {
    const off = Math.abs(found[i] - expected[i]);
    largest = Math.max(largest, off);
    sum += off;
  }
  // One of four bytes is the opacity, which is the same everywhere.
  return { largest, mean: sum / (found.length * 3 / 4) };
}
