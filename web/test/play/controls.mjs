// The hands of a player, and the sizes of their screens.
import assert from "node:assert/strict";

import { difference } from "./pictures.mjs";

/** A world that answers answers soon. */
const ANSWER = { limit_ms: 20_000 };
/** So much of 255 on average lies between two places, and not between the first frames of one. */
const ELSEWHERE = 10;
const SIZES = [[1280, 720], [3840, 2160], [844, 390], [390, 844]];

/** A click captures the mouse, which turns the view then; Esc gives it back, and the world waits. */
export async function mouse({ browser, host, say, screenshot }) {
  const { page, game, leave } = await browser.visit(host, { query: "?engine=cpu" });
  await game.playing();
  const [x, y] = await page.evaluate(middleOf, "#game");
  const captured = () => page.evaluate("document.pointerLockElement === document.querySelector('#game')");

  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.up();
  await until(captured, "a click captures the mouse");
  for (const [sign, way] of [[1, "right"], [-1, "left"]]) {
    const turned = game.ask(null, "frame", { ...ANSWER, holds: { yaw: sign } });
    for (let step = 1; step <= 10; step++) await page.mouse.move(x + 8 * sign * step, y);
    const { action } = await turned;
    say(`the mouse moves ${way}: ${JSON.stringify(action)}`);
  }
  await screenshot(page);

  // Esc is the browser's own key, which a driver cannot press everywhere.
  await page.evaluate("document.exitPointerLock()");
  await until(async () => !(await captured()), "the mouse is given back");
  await until(() => paused(page), "the world waits then");
  await page.mouse.down();
  await page.mouse.up();
  await until(async () => !(await paused(page)), "a click goes on");
  await leave();
}

/**
 * A finger shows the controls for fingers; the stick walks, a drag over the picture turns, buttons act and
 * one begins elsewhere. A mouse that is moved takes them away.
 */
export async function touch({ browser, host, say, screenshot }) {
  const { page, game, finger, leave } = await browser.visit(host, { query: "?engine=cpu" });
  await game.playing();
  const picture = await page.evaluate(middleOf, "#game");
  await finger.down(...picture);
  await finger.up();
  await page.locator("#touch").waitFor();

  const held = async (what, holds, place, move) => {
    const [x, y] = await page.evaluate(middleOf, place);
    const answered = game.ask(null, "frame", { ...ANSWER, holds });
    await finger.down(x, y);
    await move(x, y);
    const { action } = await answered;
    say(`${what}: ${JSON.stringify(action)}`);
    if (what.startsWith("the stick")) await screenshot(page);
    await finger.up();
    return action;
  };
  const drag = async (x, y) => {
    for (let step = 1; step <= 20; step++) await finger.move(x - 4 * step, y);
  };
  await held("the stick, up", { forward: 1 }, "#stick .ring", (x, y) => finger.move(x, y - 40));
  await held("a drag to the left", { yaw: -1 }, "#look", drag);
  await held("a button", { jump: 1 }, "[data-act=jump]", () => {});
  const { index } = await game.latest("frame");
  const { action } = await game.ask(null, "frame", { ...ANSWER, at_least: index + 3 });
  assert.ok(action.every((value) => value === 0), `no finger, but ${JSON.stringify(action)}`);

  // As a key or a screen reader presses it.
  const pressed = game.ask(null, "frame", { ...ANSWER, holds: { attack: 1 } });
  await page.evaluate("document.querySelector('[data-act=attack]').click()");
  const { index: at } = await pressed;
  const after = await game.ask(null, "frame", { ...ANSWER, at_least: at + 3 });
  assert.ok(after.action.every((value) => value === 0), `let go of, but ${JSON.stringify(after.action)}`);

  await game.command("pause");
  await until(() => paused(page), "the world waits");
  const stick = await page.evaluate(middleOf, "#stick");
  await finger.down(...stick);
  await finger.up();
  await until(async () => !(await paused(page)), "a finger on the stick goes on");

  // Who has no Shift for R.
  const reset = () => game.command({ reset: {} });
  const [here, again] = [await beginning(game, reset), await beginning(game, reset)];
  const there = await beginning(game, async () => {
    await finger.down(...(await page.evaluate(middleOf, "#elsewhere")));
    await finger.up();
  });
  const [same, other] = [again, there].map(({ rgba }) => difference(here.rgba, rgba).mean);
  say(`begun again: ${same.toFixed(1)} of 255 from here; elsewhere: ${other.toFixed(1)}`);
  assert.ok(same < ELSEWHERE && other > ELSEWHERE, `${same} and ${other} of 255 from here, ${ELSEWHERE} between them`);

  await page.mouse.move(...picture);
  await until(async () => !(await page.locator("#touch").isVisible()), "a mouse needs no controls for fingers");
  await leave();
}

/** The page fits from a phone to a large screen, either way round, and goes on playing. */
export const fitting = ({ narrowest = 0 } = {}) => async ({ browser, host, say, screenshot }) => {
  const { page, game, leave } = await browser.visit(host, { query: "?engine=cpu" });
  await game.playing();
  for (const [width, height] of SIZES.filter(([width]) => width >= narrowest)) {
    await page.setViewportSize({ width, height });
    await until(async () => (await page.evaluate("innerWidth")) === width, `the page is ${width} pixels wide`);
    const { index } = await game.latest("frame");
    await game.ask(null, "frame", { at_least: index + 2 });
    const seen = await page.evaluate(layout);
    await screenshot(page, `-${width}x${height}`);
    const { left, right, top, bottom } = seen.picture;
    const whole = left >= 0 && right <= width + 0.5 && top >= 0 && bottom <= height + 0.5;
    assert.ok(whole, `${width} x ${height}: the picture is cut, ${JSON.stringify(seen)}`);
    assert.ok(seen.wide <= width, `${width} x ${height}: wider than the window, ${seen.wide}`);
    const shape = (right - left) / (bottom - top);
    assert.ok(Math.abs(shape - 7 / 4) < 0.02, `${width} x ${height}: the picture is distorted, ${shape}`);
    const sharp = seen.pixels[0] / (right - left) / seen.ratio;
    assert.ok(sharp > 0.9 && sharp < 1.1, `${width} x ${height}: drawn with ${seen.pixels} pixels`);
    assert.deepEqual(seen.hidden, [], `${width} x ${height}: out of the window`);
    say(`${width} x ${height}: the picture is ${Math.round(right - left)} wide`);
  }
  await leave();
};

/** One of the first pictures of the roll-out that begins so. */
async function beginning(game, begin) {
  const begun = game.ask(null, "frame", { ...ANSWER, at_most: 0 });
  await begin();
  await begun;
  await game.command("pause");
  const picture = await game.picture();
  await game.command("resume");
  return picture;
}

/** In the page. */
function middleOf(selector) {
  const { left, top, width, height } = document.querySelector(selector).getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}

/** In the page: where the picture is, and which of the buttons are not within the window's width. */
function layout() {
  const canvas = document.querySelector("#game");
  const { left, right, top, bottom } = canvas.getBoundingClientRect();
  const buttons = [...document.querySelectorAll("#bar button")].filter((button) => button.checkVisibility());
  const isOut = (button) => {
    const box = button.getBoundingClientRect();
    return box.left < 0 || box.right > innerWidth || box.bottom > innerHeight || box.width < 24;
  };
  return {
    picture: { left, right, top, bottom },
    pixels: [canvas.width, canvas.height],
    ratio: devicePixelRatio,
    wide: document.documentElement.scrollWidth,
    hidden: buttons.filter(isOut).map(({ id }) => id),
  };
}

function paused(page) {
  return page.evaluate("document.querySelector('#stage').dataset.state === 'paused'");
}

async function until(holds, what, limit_ms = 10_000) {
  const ends = performance.now() + limit_ms;
  while (!(await holds())) {
    if (performance.now() > ends) throw new Error(`expected within ${limit_ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
