// What a player is told when something is not there, each forced before the page's first script.
import assert from "node:assert/strict";

import { SMALL } from "../browsers/visit.mjs";

/** A name of a graphics processor that is no software: the page prefers the processor to that. */
const asIfHardware = () => {
  for (const context of [WebGL2RenderingContext, WebGLRenderingContext]) {
    const { getParameter } = context.prototype;
    context.prototype.getParameter = function (name) {
      return name === 0x9246 || name === 0x1f01 ? "Test GPU" : getParameter.call(this, name);
    };
  }
};
const noWebGpu = () => delete Navigator.prototype.gpu;
const noDevice = () => {
  const adapter = { info: {}, requestDevice: () => Promise.reject(new Error("limits")) };
  const gpu = { requestAdapter: async () => adapter };
  Object.defineProperty(Navigator.prototype, "gpu", { get: () => gpu });
};
const noFloats = () => {
  for (const name of ["getExtension", "getSupportedExtensions"]) {
    const original = WebGL2RenderingContext.prototype[name];
    WebGL2RenderingContext.prototype[name] = function (asked) {
      if (asked === "EXT_color_buffer_float") return null;
      const found = original.call(this, asked);
      return Array.isArray(found) ? found.filter((other) => other !== "EXT_color_buffer_float") : found;
    };
  }
};
const noWebGl2 = () => {
  const { getContext } = HTMLCanvasElement.prototype;
  const without = function (kind, ...rest) {
    return kind === "webgl2" ? null : getContext.call(this, kind, ...rest);
  };
  HTMLCanvasElement.prototype.getContext = without;
  OffscreenCanvas.prototype.getContext = () => null;
};

/** The page plays all the same, by another way, and says why. */
const fallsBack = ({ query = "", init, engine, says }) => async ({ browser, host, say, screenshot }) => {
  const { page, game, leave } = await browser.visit(host, { query, init });
  await game.playing();
  const chosen = await game.latest("engine");
  assert.match(chosen.name, engine);
  const text = await game.engineLine();
  say(text);
  assert.match(text, says);
  await screenshot(page);
  await leave();
};

/** Nothing can be played, and the page says so in words that help. */
const refuses = ({ query = "", init = [], break: breaks = () => {}, says, expected = [] }) =>
  async ({ browser, host, say, screenshot }) => {
    breaks(host);
    const { page, leave } = await browser.visit(host, { query, init });
    const cover = page.locator("#failure");
    await cover.waitFor();
    const text = (await cover.innerText()).replaceAll(/\s+/g, " ");
    say(text);
    assert.match(text, says);
    await screenshot(page);
    await leave({ expected });
  };

/** Something ends the game while it is played; the page says so, and plays again after the reload that it offers. */
const ends = ({ by, says, expected = [] }) => async ({ browser, host, say, screenshot }) => {
  const { page, game, leave } = await browser.visit(host, { query: "?engine=cpu" });
  await game.playing();
  await page.evaluate(by);
  const cover = page.locator("#failure");
  await cover.waitFor();
  const text = (await cover.innerText()).replaceAll(/\s+/g, " ");
  say(text);
  assert.match(text, says);
  await screenshot(page);
  const again = await game.after(() => page.locator("#failure-reload").click());
  await again.playing();
  await leave({ expected });
  say("plays again after the reload that it offers");
};

/** A part of the page itself does not come. */
const missingModule = async ({ browser, host, say, screenshot }) => {
  const { page, game, leave } = await browser.visit(host, { query: "?engine=cpu" });
  host.missing.add(MODULE);
  await page.reload();
  const cover = page.locator("#failure");
  await cover.waitFor();
  const text = (await cover.innerText()).replaceAll(/\s+/g, " ");
  say(text);
  assert.match(text, /did not start.*main\.js did not come.*Load the page again/);
  await screenshot(page);
  host.missing.delete(MODULE);
  const again = await game.after(() => page.locator("#failure-reload").click());
  await again.playing();
  await leave({ expected: [/404/, /page\/\w+\.js/] });
};

/** In the page: the browser takes the graphics away. */
const loseContext = () => {
  document.querySelector("#game").getContext("webgl2").getExtension("WEBGL_lose_context").loseContext();
};
/** In the page: a second game in the same bundle is a panic of its, which traps. */
const trap = () => {
  const play = ({ play }) => play('{"canvas":"#game","name":"a.world.ron"}', new Uint8Array(), new Uint8Array(), () => {});
  import(new URL("webgl2/neural_game.js", document.baseURI)).then(play);
};

const MODULE = "page/stick.js";
const WEIGHTS = "assets/worlds/arena.safetensors";
const BUNDLE = "webgl2/neural_game_bg.wasm";

export const failures = {
  "context-lost": ends({ by: loseContext, says: /lost.*Load the page again/ }),
  "no-webgpu": fallsBack({ init: [asIfHardware, noWebGpu], engine: /fragment/, says: /WebGL2.*no WebGPU/ }),
  "no-webgpu-device": fallsBack({ init: [asIfHardware, noDevice], engine: /fragment/, says: /WebGL2.*no device/ }),
  "no-float-targets": fallsBack({ init: [asIfHardware, noWebGpu, noFloats], engine: /cpu|processor/i, says: /float targets/ }),
  "no-float-targets-forced": fallsBack({ query: "?engine=passes-fragment", init: [noFloats], engine: /cpu|processor/i, says: /float targets/ }),
  "no-graphics": refuses({ init: [noWebGpu, noWebGl2], says: /cannot show the game.*WebGL2/ }),
  "webgpu-forced": refuses({ query: "?engine=passes-compute", init: [noWebGpu], says: /no WebGPU/ }),
  "missing-module": missingModule,
  "corrupted-weights": refuses({
    query: "?engine=cpu",
    break: (host) => host.corrupted.add(WEIGHTS),
    says: /arena\.safetensors.*SHA-256/,
    expected: [/SHA-256/],
  }),
  "missing-worker": refuses({
    query: "?engine=cpu",
    break: (host) => host.missing.add("worker/worker.js"),
    says: /worker\/worker\.js could not be run/,
    expected: [/404/, /worker\.js/],
  }),
  "missing-bundle": refuses({
    query: "?engine=cpu",
    break: (host) => host.missing.add(BUNDLE),
    says: /neural_game_bg\.wasm.*404/,
    expected: [/404/],
  }),
};

/** An error in the bundle, in one browser: what the others would show is the same. */
export const trapped = ends({
  by: trap,
  says: /The game has stopped.*Load the page again/,
  expected: [/panicked.*RecreationAttempt/s, /unreachable/],
});

/** In the page: the newest device that was made, before any script of the page. */
const keepDevice = () => {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...asked) {
    return (globalThis.newestDevice = await requestDevice.apply(this, asked));
  };
};

/** The browser takes the device of WebGPU away: the world goes on with the next one. */
export async function deviceLost({ browser, host, say, screenshot }) {
  const how = { query: "?engine=passes-compute", viewport: SMALL, init: [keepDevice] };
  const { page, game, leave } = await browser.visit(host, how);
  await game.playing();
  const interrupted = game.ask(null, "reseeded");
  await page.evaluate("newestDevice.destroy()");
  const { reason } = await interrupted;
  say(`interrupted: ${reason}`);
  const { index } = await game.ask(null, "frame", { at_least: 1 });
  say(`plays on, frame ${index}`);
  assert.equal(await page.locator("#failure").isVisible(), false);
  await screenshot(page);
  await leave();
}
