// One of the three ways to play: which bundle is on the screen and what computes the frames.
import assert from "node:assert/strict";

import { SMALL } from "../browsers/visit.mjs";
import { record } from "./export.mjs";
import { bench } from "./pace.mjs";
import { difference, nativePictures } from "./pictures.mjs";

const SEED = 7;
const FRAMES = 20;
const HELD = `W*${FRAMES}`;
/** SwiftShader takes seconds for a frame: of a script, a bench and a film, few say as much. */
const FEW = 2;

/**
 * @param {object} way
 * @param {string} way.query of the page's address
 * @param {RegExp} way.engine the name of what computes
 * @param {RegExp} way.shown what the page must say that shows it
 * @param {boolean} way.live it is fast enough here to be played at length
 * @param {RegExp} way.recorded the type of what it records
 * @param {{largest: number, mean: number}} way.tolerance of 255
 */
export function playing({ query, engine, shown, live, recorded = /^video\//, tolerance }) {
  return async ({ browser, host, job, say, screenshot, folder }) => {
    const how = live ? { query } : { query: `${query}&bench=${FEW}`, viewport: SMALL };
    const visit = await browser.visit(host, how);
    const { page, game } = visit;
    const begun = performance.now();
    const world = await game.ready();
    assert.deepEqual(world.keys[0], ["walk", "W A S D"]);
    await game.playing();
    say(`first frame ${((performance.now() - begun) / 1000).toFixed(1)} s after the page`);
    const chosen = await game.latest("engine");
    assert.match(chosen.name, engine);
    const line = await game.engineLine();
    assert.match(line, shown);
    say(line);

    if (!live) say(await bench(page, FEW));

    const native = await nativePictures(job.native_held, world);
    const pictures = await drawn({ game, native, frames: live ? FRAMES : FEW, tolerance, say });

    say(await heldKey({ page, game, native, tolerance }));
    say(await resetKey({ page, game, native, tolerance }));
    say(await sameStart({ game, first: pictures[0] }));
    await page.locator("#info > summary").click();
    await page.locator("#game").scrollIntoViewIfNeeded();
    await screenshot(page);
    say(await record({ ...visit, folder, frames: live ? FRAMES : FEW, live, kind: recorded }));
    await visit.leave();
  };
}

/** Its first frames are those of the native engine. */
export function drawing({ query, engine, frames, tolerance }) {
  return async ({ browser, host, job, say, screenshot }) => {
    const { page, game, leave } = await browser.visit(host, { query, viewport: SMALL });
    const world = await game.ready();
    const { name } = await game.latest("engine");
    assert.match(name, engine);
    say(name);
    const native = await nativePictures(job.native_held, world);
    await drawn({ game, native, frames, tolerance, say });
    await screenshot(page);
    await leave();
  };
}

/** The pictures of a script's first frames, one of each, once they are seen to be those of the native engine. */
async function drawn({ game, native, frames, tolerance, say }) {
  const { pictures, frame_ms } = await game.script(SEED, HELD, frames);
  assert.deepEqual(pictures.map(({ index }) => index), [...Array(frames + 1).keys()]);
  const off = compare(pictures, native, tolerance);
  say(`${pictures.length} frames of ${HELD}: at most ${off.largest}, on average ${off.mean.toFixed(3)} of 255 from native`);
  say(`a frame ${shownMs(frame_ms)}`);
  return pictures;
}

/** Against native by the pictures' own index; the largest differences. */
function compare(pictures, native, tolerance) {
  assert.ok(pictures.length > 0, "no picture came");
  const off = { largest: 0, mean: 0 };
  for (const { index, rgba } of pictures) {
    assert.ok(native[index], `picture ${index} came too late: the native engine has drawn ${native.length}`);
    const { largest, mean } = difference(rgba, native[index]);
    off.largest = Math.max(off.largest, largest);
    off.mean = Math.max(off.mean, mean);
  }
  const within = off.largest <= tolerance.largest && off.mean <= tolerance.mean;
  assert.ok(within, `expected ${JSON.stringify(tolerance)} of 255 at most, found ${JSON.stringify(off)}`);
  return off;
}

async function heldKey({ page, game, native, tolerance }) {
  const begin = () => game.ask({ reset: { seed: SEED } }, "frame");
  const { picture, largest } = await heldFrom(begin, FRAMES, { page, game, native, tolerance });
  const { mean } = difference(picture.rgba, native[0]);
  const least = difference(native[0], native[FRAMES]).mean / 2;
  assert.ok(mean > least, `W held changes the picture by ${mean} of 255, expected ${least} at least`);
  return `W held to frame ${picture.index}: changed by ${mean.toFixed(1)}, at most ${largest} from native`;
}

/** R begins again where the world began, with the same noise: the pictures after it are those of that seed. */
async function resetKey({ page, game, native, tolerance }) {
  const begin = async () => {
    const begins = game.ask(null, "frame", { at_most: 0 });
    await page.keyboard.press("r");
    await begins;
  };
  const { picture, largest } = await heldFrom(begin, 1, { page, game, native, tolerance });
  return `R begins again: at frame ${picture.index} at most ${largest} from native`;
}

/**
 * A key that is down from before `begin` on is an action of every frame, as in the script. Which frame
 * it is when the pause comes does not matter: the native engine has drawn more of them.
 */
async function heldFrom(begin, at_least, { page, game, native, tolerance }) {
  await page.locator("#game").focus();
  await page.keyboard.down("w");
  await begin();
  await game.ask(null, "frame", { at_least });
  await game.command("pause");
  await page.keyboard.up("w");
  const picture = await game.picture();
  await game.command("resume");
  return { picture, largest: compare([picture], native, tolerance).largest };
}

async function sameStart({ game, first }) {
  const { pictures } = await game.script(SEED, HELD, 1);
  assert.ok(pictures[0].rgba.equals(first.rgba), "the same seed gives another first picture");
  return "a reset to the same seed gives the same first picture";
}

function shownMs(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.floor(sorted.length * share)].toFixed(0);
  return `median ${at(0.5)} ms, p95 ${at(0.95)} ms`;
}
