// WebKit, Safari's engine, as GTK has it, by WebDriver: commands over HTTP to a program beside it.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Page, visitOn } from "./page.mjs";
import { OnScreen } from "./screen.mjs";

export async function webkit({ driver, browser }) {
  const home = await mkdtemp(join(tmpdir(), "bvgdm-webkit-"));
  const downloads = join(home, "downloads");
  await Promise.all([downloads, join(home, ".config")].map((folder) => mkdir(folder)));
  await writeFile(join(home, ".config/user-dirs.dirs"), `XDG_DOWNLOAD_DIR="$HOME/downloads"\n`);
  const port = await freePort();
  const screen = new OnScreen(driver, [`--port=${port}`], { HOME: home });
  const address = `http://127.0.0.1:${port}`;
  return screen.open(() => begin({ screen, home, downloads, address, browser }));
}

async function begin({ screen, home, downloads, address, browser }) {
  await answering(`${address}/status`);
  const options = { binary: browser, args: ["--automation"] };
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
  const session = await command(`${address}/session`, "POST", { capabilities });
  const page = new DriverPage(`${address}/session/${session.sessionId}`);
  await page.send("POST", "/timeouts", { script: 600_000, pageLoad: 120_000 });
  return {
    name: `WebKitGTK ${session.capabilities.browserVersion}`,
    page,
    visit: (host, options) => visitOn(page, downloads, host, options),
    async close() {
      // A driver that hangs does not answer.
      const end = new Promise((resolve) => setTimeout(resolve, 5_000));
      await Promise.race([page.send("DELETE", "").catch(() => {}), end]);
      await screen.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function command(address, method, body) {
  const response = await fetch(address, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value?.error}: ${value?.message}`);
  return value;
}

async function answering(address) {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(address).then((response) => response.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no answer from ${address}`);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

class DriverPage extends Page {
  #address;

  constructor(address) {
    super();
    this.#address = address;
  }

  send(method, path, body) {
    return command(this.#address + path, method, body);
  }

  navigate(url) {
    return this.send("POST", "/url", { url });
  }

  reload() {
    return this.send("POST", "/refresh", {});
  }

  /** Of the page; what the driver sets is the window around it. */
  async setViewportSize({ width, height }) {
    const around = await this.evaluate("[outerWidth - innerWidth, outerHeight - innerHeight]");
    const size = { width: width + around[0], height: height + around[1] };
    await this.send("POST", "/window/rect", size);
  }

  async text(expression) {
    const script = `const [tell] = arguments;
      Promise.resolve().then(() => ${expression})
        .then((text) => tell({ text }), (error) => tell({ error: String(error) }));`;
    const { text, error } = await this.send("POST", "/execute/async", { script, args: [] });
    if (error) throw new Error(error);
    return text;
  }

  act(source) {
    return this.send("POST", "/actions", { actions: [source] });
  }

  picture() {
    return this.send("GET", "/screenshot");
  }
}
