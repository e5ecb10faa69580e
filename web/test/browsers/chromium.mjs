// Headless Chromium with graphics in software, by playwright.
import { chromium as playwright } from "playwright-core";

import { Game } from "../play/game.mjs";
import { Problems, VIEWPORT, scripts } from "./visit.mjs";

const SWIFTSHADER = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"];
/**
 * With `--disable-vulkan-surface`, which others name, what WebGPU draws on a canvas is not seen; without
 * Vulkan the device is lost after a frame.
 */
const GRAPHICS = {
  webgl2: SWIFTSHADER,
  webgpu: [
    ...SWIFTSHADER, "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader",
    "--enable-features=Vulkan", "--use-vulkan=swiftshader",
  ],
};

export const chromium = (graphics) => async (program) => {
  const args = ["--disable-dev-shm-usage", "--disable-background-networking", ...GRAPHICS[graphics]];
  const browser = await playwright.launch({ executablePath: program, args });
  const opened = {
    name: `Chromium ${browser.version()}`,
    page: null,
    async visit(host, options) {
      const visit = await visitIn(browser, host, options);
      opened.page = visit.page;
      return visit;
    },
    close: () => browser.close(),
  };
  return opened;
};

async function visitIn(browser, host, options = {}) {
  const { query = "", viewport = VIEWPORT } = options;
  const context = await browser.newContext({ viewport });
  const problems = new Problems(host);
  context.on("request", (request) => problems.asked(request.url()));
  context.on("weberror", (error) => problems.add(`uncaught: ${error.error().message}`));
  context.on("console", (message) => {
    if (message.type() === "error") problems.add(`console: ${message.text()} (${message.location().url})`);
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("websocket", (socket) => problems.add(`opened a socket: ${socket.url()}`));
  page.on("crash", () => problems.add("the tab has crashed"));
  host.scripts = scripts(options);
  await page.goto(host.address + query);
  return {
    page,
    game: await Game.of(page),
    finger: await fingerOf(page, context),
    async download(link, folder) {
      const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
      const file = `${folder}/${download.suggestedFilename()}`;
      await download.saveAs(file);
      return file;
    },
    async leave({ expected = [] } = {}) {
      await context.close();
      problems.check(expected);
    },
  };
}

/** One finger on the screen, which playwright has only as a tap. */
async function fingerOf(page, context) {
  const session = await context.newCDPSession(page);
  const touch = (type, touchPoints) => session.send("Input.dispatchTouchEvent", { type, touchPoints });
  return {
    down: (x, y) => touch("touchStart", [{ x, y }]),
    move: (x, y) => touch("touchMove", [{ x, y }]),
    up: () => touch("touchEnd", []),
  };
}
