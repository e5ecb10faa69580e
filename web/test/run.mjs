// The worker against the native engine: same world, seed and actions, the same pictures.
//
//   node web/test/run.mjs JOB.json
//
// JOB.json: dist (a folder), manifest, weights, native (a folder with what the native engine drew,
// from which seed and actions), chromium (a program, or null), limit_ms (of a frame, or null).
import { readFile } from "node:fs/promises";

import { inChromium } from "./in_chromium.mjs";
import { inNode } from "./in_node.mjs";
import { difference } from "./play/pictures.mjs";
import { WHOLE } from "./play/tolerance.mjs";

const job = JSON.parse(await readFile(process.argv[2], "utf8"));
const native = await readFile(`${job.native}/pictures.rgba`);
Object.assign(job, JSON.parse(await readFile(`${job.native}/actions.json`, "utf8")));
let failed = false;

const places = [() => inNode(job)];
if (job.chromium) {
  places.push(() => inChromium({ ...job, program: job.chromium }));
}
for (const play of places) {
  const outcome = await play();
  const problems = [...(outcome.problems ?? [])];
  const pictures = Buffer.concat(outcome.pictures);
  const off = difference(pictures, native);
  const shownOff = `${off.largest} of 255 at most, ${off.mean.toFixed(3)} on average`;
  if (!(off.largest <= WHOLE.largest && off.mean <= WHOLE.mean)) problems.push(`off by ${shownOff}`);
  const long = (outcome.long_tasks ?? []).filter((ms) => ms > 50);
  if (long.length > 0) problems.push(`tasks of ${long.map(Math.round)} ms on the page`);
  const frame = percentiles(outcome.denoise_ms.map((ms, i) => ms + outcome.decode_ms[i]));
  if (job.limit_ms && frame[0] > job.limit_ms) problems.push(`slower than ${job.limit_ms} ms`);

  console.log(`${outcome.where}`);
  console.log(`  load            ${outcome.load_ms.toFixed(0)} ms (in the worker ${outcome.worker_load_ms.toFixed(0)} ms)`);
  console.log(`  frame           ${shown(frame)}`);
  console.log(`    denoise       ${shown(percentiles(outcome.denoise_ms))}`);
  console.log(`    decode        ${shown(percentiles(outcome.decode_ms))}`);
  console.log(`  asked to shown  ${shown(percentiles(outcome.round_ms))}`);
  console.log(`  against native  ${shownOff}, over ${job.actions.length + 1} frames`);
  console.log(`  also            ${outcome.checked.join(", ")}`);
  for (const problem of problems) console.log(`  FAILED          ${problem}`);
  failed ||= problems.length > 0;
}
process.exit(failed ? 1 : 0);

function percentiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return [0.5, 0.95].map((share) => sorted[Math.floor(sorted.length * share)]);
}

function shown([median, p95]) {
  return `median ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`;
}
