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

/** An engine chosen while the world loads is the one that plays; the keys for it change the settings too. */
export async function choosing({ browser, host, say, screenshot }) {
  const { page, game, leave } = await browser.visit(host, { viewport: SMALL, init: [holdBundle] });
  await page.evaluate("(async () => { while (!bvgdm.plan) await new Promise((on) => setTimeout(on, 50)); })()");
  await page.evaluate(() => {
    const select = document.querySelector("#set-engine");
    select.value = "webgl2";
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
  const { engine, smooth } = await page.evaluate("JSON.parse(localStorage.getItem('bvgdm.settings'))");
  assert.deepEqual({ engine, smooth }, { engine: "cpu", smooth: false });
  await page.locator("#open-settings").click();
  const shown = await page.evaluate(() => {
    const [engine, smooth] = ["#set-engine", "#set-smooth"].map((id) => document.querySelector(id));
    return [engine.value, smooth.checked];
  });
  assert.deepEqual(shown, ["cpu", false]);
  await screenshot(page);
  await leave();
}
