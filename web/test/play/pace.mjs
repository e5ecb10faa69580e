// That the page stays responsive while the worker generates, and how soon it plays.
import assert from "node:assert/strict";

import { SMALL } from "../browsers/visit.mjs";

const LONG_MS = 50;
/** Of play, after the first frames. */
const WATCHED_MS = 5000;
const PLAYING_WITHIN_S = 5;
const BENCH_FRAMES = 40;
/** Time for some frames to be drawn. */
const DRAWN_MS = 1500;

/** No task of the page is long while the processor's worker generates. */
export async function responsive({ browser, host, say }) {
  const { page, game, leave } = await browser.visit(host, { query: "?engine=cpu", viewport: SMALL });
  await game.ready();
  await game.ask({ reset: { seed: 7 } }, "frame", { at_least: 10 });
  const from = await page.evaluate(() => performance.now());
  await page.locator("#game").focus();
  await page.keyboard.down("w");
  await page.waitForTimeout(WATCHED_MS);
  await page.keyboard.up("w");
  const tasks = await page.evaluate((from) => longTasks.filter(({ startTime }) => startTime > from), from);
  const frame = await game.latest("frame");
  const figures = await game.latest("figures");
  await leave();
  say(`frame ${frame.index} after ${WATCHED_MS / 1000} s of play; ${JSON.stringify(figures)}`);
  const long = tasks.map(({ duration }) => Math.round(duration)).filter((ms) => ms > LONG_MS);
  assert.deepEqual(long, [], `tasks of ${long.join(", ")} ms on the page's thread`);
  say(`no task of the page above ${LONG_MS} ms`);
}

/** What `?bench` tells a script, once it is through. */
export async function bench(page, frames) {
  const told = await page.evaluate(() => bvgdmBench);
  assert.equal(told.frames, frames);
  for (const stage of ["frame_ms", "denoise_ms", "decode_ms", "upload_ms"]) {
    const { median, p95 } = told[stage];
    // Passes on the graphics processor do not tell their stages apart.
    const isKnown = stage === "frame_ms" || !told.engine.on_gpu;
    assert.ok(isKnown ? median <= p95 && p95 !== null : median === null, `${stage}: ${JSON.stringify(told[stage])}`);
  }
  if (!told.engine.on_gpu) assert.ok(told.memory.worker_bytes > 1e6, JSON.stringify(told.memory));
  return JSON.stringify(told);
}

/** The bench of the way that is fast enough here to be worth one. */
export async function benched({ browser, host, say, screenshot }) {
  const query = `?engine=cpu&bench=${BENCH_FRAMES}`;
  const { page, game, leave } = await browser.visit(host, { query, viewport: SMALL });
  await game.ready();
  say(await bench(page, BENCH_FRAMES));
  await isDrawn(page);
  await screenshot(page);
  await leave();
}

/** Whether the player has the picture: it moves when they do. A bench draws nothing meanwhile. */
async function isDrawn(page) {
  const canvas = page.locator("#game");
  const before = await canvas.screenshot();
  await canvas.focus();
  await page.keyboard.down("w");
  await page.waitForTimeout(DRAWN_MS);
  await page.keyboard.up("w");
  assert.ok(!before.equals(await canvas.screenshot()), "the picture stands still after the bench");
}

/** A bench of what is not here ends with the reason: a script does not wait for ever. */
export async function benchRefused({ browser, host, say }) {
  const query = `?engine=passes-compute&bench=${BENCH_FRAMES}`;
  const { page, leave } = await browser.visit(host, { query, init: [() => delete Navigator.prototype.gpu] });
  const reason = await page.evaluate("bvgdmBench.then(() => 'played', ({ message }) => message)");
  assert.match(reason, /no WebGPU/);
  say(reason);
  await leave();
}

/** From opening the page to the first frame, once its files are in the browser's cache. */
export async function warm({ browser, host, say }) {
  const { page, game, leave } = await browser.visit(host, { query: "?engine=cpu", viewport: SMALL });
  await game.ready();
  const begun = performance.now();
  const again = await game.after(() => page.reload());
  await again.playing();
  const seconds = (performance.now() - begun) / 1000;
  await leave();
  say(`playing ${seconds.toFixed(1)} s after opening, its files in the cache`);
  assert.ok(seconds <= PLAYING_WITHIN_S, `expected ${PLAYING_WITHIN_S} s at most`);
}
