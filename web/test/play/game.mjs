// The game of a page, by what the page offers to scripts (`globalThis.bvgdm`, see page/game.js).

const LIMIT_MS = 300_000;

/** In the page: keeps all reports from here on. */
function listen() {
  const told = (globalThis.told = { reports: [], waiting: [] });
  bvgdm.on("*", ({ kind, value, body }) => {
    // A view into the wasm's memory would change later.
    told.reports.push({ kind, value, body: body?.slice() });
    for (const look of told.waiting.splice(0)) look();
  });
}

/** In the page: sends a command, if any, and resolves with the first report of a kind after it. */
async function ask([command, kind, limit_ms, at_least, at_most, holds]) {
  const from = told.reports.length;
  const ends = performance.now() + limit_ms;
  if (command) bvgdm.command(command);
  for (;;) {
    const later = told.reports.slice(from);
    const failed = later.find((report) => report.kind === "failed" || report.kind === "lost");
    if (failed && failed.kind !== kind) throw new Error(`${failed.kind}: ${failed.value.reason}`);
    const held = (name) => bvgdm.latest.ready.actions.findIndex((action) => action.name === name);
  const does = (value) => Object.entries(holds).every(([name, sign]) => value.action[held(name)] * sign > 0);
  const fits = ({ value }) => !(value?.index < at_least || value?.index > at_most) && does(value);
    const found = later.find((report) => report.kind === kind && fits(report));
    if (found) return found.value;
    const left = ends - performance.now();
    if (left < 0) throw new Error(`no "${kind}" within ${limit_ms} ms after ${JSON.stringify(command)}`);
    await new Promise((resolve) => {
      told.waiting.push(resolve);
      setTimeout(resolve, left + 1);
    });
  }
}

/** In the page: the pictures among the reports, as text, and taken out of them. */
function takePictures() {
  const taken = told.reports.filter(({ kind }) => kind === "picture");
  told.reports = told.reports.filter(({ kind }) => kind !== "picture");
  return taken.map(({ value, body }) => {
    let binary = "";
    for (const byte of body) binary += String.fromCharCode(byte);
    return { ...value, rgba: btoa(binary) };
  });
}

export class Game {
  #page;

  /** The game of the page's scripts, as soon as they run. */
  static async of(page) {
    await page.evaluate("(async () => { while (!globalThis.bvgdm) await new Promise((on) => setTimeout(on, 50)); })()");
    await page.evaluate(listen);
    const game = new Game();
    game.#page = page;
    return game;
  }

  /** That of the page which is there after `act` instead of this one. */
  async after(act) {
    const page = this.#page;
    await page.evaluate("globalThis.isLeft = true");
    await act();
    // While one page follows the other there is none to ask.
    while (await page.evaluate("globalThis.isLeft ?? false").catch(() => true)) await page.waitForTimeout(100);
    return Game.of(page);
  }

  /** What the page says of its engine, where a player finds it. */
  async engineLine() {
    const line = this.#page.locator("#engine");
    if (!(await line.isVisible())) await this.#page.locator("#info > summary").click();
    return (await line.innerText()).trim();
  }

  /** What the world is, once it is loaded; throws what the page shows if it does not come to that. */
  async ready(limit_ms = LIMIT_MS) {
    const end = (kind) => `bvgdm.once("${kind}").then(({ value }) => ({ failed: value.reason }))`;
    const late = `new Promise((resolve) => setTimeout(resolve, ${limit_ms}, { failed: "nothing" }))`;
    const outcome = await this.#page.evaluate(
      `Promise.race([bvgdm.ready, ${end("failed")}, ${end("lost")}, ${late}])`,
    );
    if (outcome.failed) throw new Error(`the world did not load: ${outcome.failed}`);
    return outcome;
  }

  /** Once there is a first picture of the world. */
  async playing(limit_ms = LIMIT_MS) {
    await this.ready(limit_ms);
    if (!(await this.latest("frame"))) await this.ask(null, "frame", { limit_ms });
  }

  command(command) {
    return this.#page.evaluate((command) => bvgdm.command(command), command);
  }

  /**
   * Sends a command (null for none) and waits for a report; of frames, one within these bounds on the way to
   * which these actions were held, each by name with its sign.
   */
  ask(command, kind, { limit_ms = LIMIT_MS, at_least = 0, at_most = 1e9, holds = {} } = {}) {
    return this.#page.evaluate(ask, [command, kind, limit_ms, at_least, at_most, holds]);
  }

  /** Plays a script from its reset to its end; with the picture of each frame by its index. */
  async script(seed, actions, frames) {
    await this.#page.evaluate(takePictures);
    const figures = await this.ask({ script: { seed, actions, frames, pictures: true } }, "script");
    return { ...figures, pictures: await this.pictures() };
  }

  /** The newest picture. */
  async picture() {
    await this.#page.evaluate(takePictures);
    await this.ask("picture", "picture");
    return (await this.pictures()).at(-1);
  }

  async pictures() {
    const taken = await this.#page.evaluate(takePictures);
    return taken.map((picture) => ({ ...picture, rgba: Buffer.from(picture.rgba, "base64") }));
  }

  /** The newest report of a kind. */
  latest(kind) {
    return this.#page.evaluate((kind) => bvgdm.latest[kind], kind);
  }
}
