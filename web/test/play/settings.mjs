// What a player chooses is what is played, what the page says of it, and what it remembers.
import assert from "node:assert/strict";

import { SMALL } from "../browsers/visit.mjs";

/** In the page: the bundle does not come before `bundleMayCome()`. */
const holdBundle = () => {
  const { fetch } = globalThis;
  const may = new Promise((resolve) => (globalThis.bundleMayCome = resolve));
  globalThis.fetch = async (path, ...rest) => {
    if (String(path).endsWith("neural_game_bg.wasm")) await may;
    return fetch(path, ...rest);
  };
};

/**
 * An engine chosen while the world loads is the one that plays; the keys for it change the settings too; the next visit
 * finds them as they were left.
 */
export async function choosing({ browser, host, say, screenshot }) {
  const { page, game, leave } = await browser.visit(host, { viewport: SMALL, init: [holdBundle] });
  await page.evaluate("(async () => { while (!bvgdm.plan) await new Promise((on) => setTimeout(on, 50)); })()");
  await page.evaluate(() => {
    const select = document.querySelector("#set-engine");
    select.value = "passes-fragment";
    select.dispatchEvent(new Event("change"));
    bundleMayCome();
  });
  await game.playing();
  assert.match((await game.latest("engine")).name, /fragment/);
  assert.match(await game.engineLine(), /WebGL2 was asked for/);
  say(await game.engineLine());

  await page.locator("#game").focus();
  const changed = game.ask(null, "engine");
  await page.keyboard.press("g");
  assert.match((await changed).name, /cpu|processor/i);
  assert.match(await game.engineLine(), /the processor was asked for/);
  say(await game.engineLine());
  await page.keyboard.press("f");
  await page.evaluate(() => {
    const choose = (id, value, event) => {
      const control = document.querySelector(id);
      control.value = value;
      control.dispatchEvent(new Event(event));
    };
    choose("#set-steps", "3", "change");
    choose("#set-sensitivity", "2.5", "input");
  });
  const expected = { engine: "cpu", steps: "3", sensitivity: "2.5", smooth: false };
  assert.deepEqual(await shown(page), expected);

  const again = await game.after(() => page.reload());
  await page.evaluate("bundleMayCome()");
  await again.playing();
  assert.match((await again.latest("engine")).name, /cpu|processor/i);
  assert.deepEqual(await shown(page), expected, "after a reload");
  say("kept over a reload");
  await screenshot(page);
  await leave();
}

/** The settings as their dialogue shows them. */
async function shown(page) {
  await page.locator("#open-settings").click();
  const values = await page.evaluate(() => {
    const control = (name) => document.querySelector(`#set-${name}`);
    const values = ["engine", "steps", "sensitivity"].map((name) => [name, control(name).value]);
    return { ...Object.fromEntries(values), smooth: control("smooth").checked };
  });
  await page.locator("#set-close").click();
  return values;
}
