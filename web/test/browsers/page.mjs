// What the cases use of a page, whichever protocol the browser speaks: as playwright names it.
import { copyFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Game } from "../play/game.mjs";
import { Problems, VIEWPORT, scripts } from "./visit.mjs";

const SHOWN_WITHIN_MS = 60_000;
const SAVED_WITHIN_MS = 30_000;

/**
 * A protocol has `navigate`, `reload`, `text` (of an expression or its promise), `act` (input of a source, as
 * WebDriver has them), `setViewportSize` and `picture`.
 */
export class Page {
  keyboard = {
    down: (key) => this.#keys({ type: "keyDown", value: key }),
    up: (key) => this.#keys({ type: "keyUp", value: key }),
    press: (key) => this.#keys({ type: "keyDown", value: key }, { type: "keyUp", value: key }),
  };
  mouse = this.#pointer("mouse");
  finger = this.#pointer("touch");

  /** The value of an expression, or of a function of `argument`, in the page. */
  async evaluate(f, argument) {
    const value = typeof f === "function" ? `(${f})(${JSON.stringify(argument) ?? ""})` : f;
    const text = await this.text(`Promise.resolve(${value}).then((value) => JSON.stringify(value) ?? "null")`);
    return JSON.parse(text);
  }

  locator(selector) {
    const on = (what) => this.evaluate(`document.querySelector(${JSON.stringify(selector)}).${what}`);
    return {
      focus: () => on("focus()"),
      click: () => on("click()"),
      isVisible: () => on("checkVisibility()"),
      innerText: () => on("innerText"),
      scrollIntoViewIfNeeded: () => on("scrollIntoView()"),
      waitFor: async () => {
        const ends = performance.now() + SHOWN_WITHIN_MS;
        while (!(await on("checkVisibility()"))) {
          if (performance.now() > ends) throw new Error(`${selector} is not shown within ${SHOWN_WITHIN_MS} ms`);
          await this.waitForTimeout(100);
        }
      },
    };
  }

  waitForTimeout(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  async screenshot({ path }) {
    await writeFile(path, Buffer.from(await this.picture(), "base64"));
  }

  #keys(...actions) {
    return this.act({ type: "key", id: "keyboard", actions });
  }

  #pointer(pointerType) {
    const act = (...actions) => this.act({ type: "pointer", id: pointerType, parameters: { pointerType }, actions });
    const to = (x, y) => ({ type: "pointerMove", x: Math.round(x), y: Math.round(y), duration: 0 });
    const [pressed, released] = ["pointerDown", "pointerUp"].map((type) => ({ type, button: 0 }));
    return {
      move: (x, y) => act(to(x, y)),
      down: (...at) => (at.length === 0 ? act(pressed) : act(to(...at), pressed)),
      up: () => act(released),
    };
  }
}

/** A visit in a browser that was opened for it and saves in the folder `downloads`. */
export async function visitOn(page, downloads, host, options = {}) {
  const { query = "", viewport = VIEWPORT } = options;
  const problems = new Problems(host);
  page.told = { error: (text) => problems.add(`console: ${text}`), asked: (url) => problems.asked(url) };
  await page.setViewportSize(viewport);
  host.scripts = scripts(options);
  await page.navigate(host.address + query);
  return {
    page,
    game: await Game.of(page),
    finger: page.finger,
    async download(link, folder) {
      await link.click();
      const name = await savedIn(downloads);
      await copyFile(join(downloads, name), join(folder, name));
      return join(folder, name);
    },
    async leave({ expected = [] } = {}) {
      const seen = await page.evaluate("globalThis.problems ?? []");
      seen.forEach((text) => problems.add(text));
      page.told = null;
      problems.check(expected);
    },
  };
}

/** The name of the first file in a folder, once it is whole. */
async function savedIn(folder) {
  const ends = performance.now() + SAVED_WITHIN_MS;
  for (;;) {
    const names = await readdir(folder).catch(() => []);
    const isPart = (name) => name.endsWith(".part") || name.endsWith(".wkdownload");
    // Firefox keeps the name with an empty file before it begins.
    const isWhole = names.length > 0 && !names.some(isPart) && (await stat(join(folder, names[0]))).size > 0;
    if (isWhole) return names[0];
    if (performance.now() > ends) throw new Error(`nothing is saved within ${SAVED_WITHIN_MS} ms: ${names}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
