// Headless Chromium with graphics in software, and visits to the page that notice what goes wrong.
import { chromium } from "playwright-core";

import { Game } from "./game.mjs";

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
const VIEWPORT = { width: 900, height: 640 };
/** For what is timed, and for what is slow: the screen too is drawn in software here, on the same cores. */
export const SMALL = { width: 360, height: 420 };

export function launch(program, graphics) {
  const args = ["--disable-dev-shm-usage", "--disable-background-networking", ...GRAPHICS[graphics]];
  return chromium.launch({ executablePath: program, args });
}

/** In the page, before its first script. */
function watch() {
  globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) longTasks.push({ startTime, duration });
  }).observe({ type: "longtask" });
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    console.error(`policy violated: ${violatedDirective} ${blockedURI}`),
  );
}

/**
 * One visit in a profile of its own. `init` are functions that run in the page before its scripts; the
 * service worker is let in only if that is what the visit is about.
 */
export async function visit(browser, host, { query = "", init = [], viewport = VIEWPORT, serviceWorkers = "block" } = {}) {
  const context = await browser.newContext({ viewport, serviceWorkers });
  const problems = [];
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    const local = ["data:", "blob:"].includes(protocol) || origin === host.origin;
    if (!local) problems.push(`asked another host: ${request.url()}`);
  });
  context.on("weberror", (error) => problems.push(`uncaught: ${error.error().message}`));
  context.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  await context.addInitScript(watch);
  for (const script of init) await context.addInitScript(script);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("websocket", (socket) => problems.push(`opened a socket: ${socket.url()}`));
  page.on("crash", () => problems.push("the tab has crashed"));
  await page.goto(host.address + query);
  const game = await Game.of(page);

  /** Ends the visit; throws when there was anything that should not be, but for what is `expected`. */
  async function leave({ expected = [] } = {}) {
    await context.close();
    const wrong = problems.filter((text) => !expected.some((pattern) => pattern.test(text)));
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  }
  return { context, page, game, problems, leave };
}

/** What the page says of its engine, where a player finds it. */
export async function engineLine(page) {
  const line = page.locator("#engine");
  if (!(await line.isVisible())) await page.locator("#info > summary").click();
  return (await line.innerText()).trim();
}
