// Firefox by WebDriver BiDi, the protocol that it speaks itself: commands over a WebSocket.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Page, visitOn } from "./page.mjs";
import { OnScreen } from "./screen.mjs";

/** On an empty one the address bar has the focus, and the mouse cannot be captured. */
const FIRST_PAGE = "about:robots";

/** Graphics in software, which it would not use by itself; files are saved without a question. */
const preferences = (downloads) => ({
  "webgl.force-enabled": true,
  "dom.webgpu.enabled": true,
  "gfx.webgpu.ignore-blocklist": true,
  "browser.download.folderList": 2,
  "browser.download.dir": downloads,
  "browser.download.useDownloadDir": true,
  "browser.download.always_ask_before_handling_new_types": false,
});

export async function firefox(program) {
  const profile = await mkdtemp(join(tmpdir(), "bvgdm-firefox-"));
  const downloads = join(profile, "downloads");
  const lines = Object.entries(preferences(downloads)).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  await writeFile(join(profile, "user.js"), lines.join(""));
  const screen = new OnScreen(program, [
    "--no-remote", "--profile", profile, "--remote-debugging-port", "0", FIRST_PAGE,
  ]);
  return screen.open(() => begin({ screen, profile, downloads }));
}

async function begin({ screen, profile, downloads }) {
  const [, address] = await screen.says(/WebDriver BiDi listening on (ws:\S+)/);
  const session = await Session.open(`${address}/session`);
  const { capabilities } = await session.send("session.new", { capabilities: {} });
  await session.send("session.subscribe", { events: ["log.entryAdded", "network.beforeRequestSent"] });
  const { contexts } = await session.send("browsingContext.getTree");
  const page = new BidiPage(session, contexts[0].context);
  return {
    name: `Firefox ${capabilities.browserVersion}`,
    page,
    visit: (host, options) => visitOn(page, downloads, host, options),
    async close() {
      session.close();
      await screen.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

class Session {
  #socket;
  #waiting = new Map();
  #last = 0;
  /** Hears of events: their method and what they say. */
  hear = () => {};

  static async open(address) {
    const session = new Session();
    session.#socket = new WebSocket(address);
    session.#socket.onmessage = ({ data }) => session.#take(JSON.parse(data));
    session.#socket.onclose = () => session.#end(new Error("the browser has closed the connection"));
    await new Promise((resolve, reject) => {
      session.#socket.onopen = resolve;
      session.#socket.onerror = () => reject(new Error(`no answer from ${address}`));
    });
    return session;
  }

  send(method, params = {}) {
    const id = ++this.#last;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #take({ id, type, result, error, message, method, params }) {
    if (type === "event") return this.hear(method, params);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (type === "error") waiting?.reject(new Error(`${error}: ${message}`));
    else waiting?.resolve(result);
  }

  /** Nothing is answered any more. */
  #end(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  close() {
    this.#socket.close();
  }
}

class BidiPage extends Page {
  #session;
  #context;

  constructor(session, context) {
    super();
    this.#session = session;
    this.#context = context;
    session.hear = (method, params) => {
      if (method === "network.beforeRequestSent") this.told?.asked(params.request.url);
      else if (params.level === "error") this.told?.error(params.text);
    };
  }

  navigate(url) {
    return this.#send("browsingContext.navigate", { url, wait: "complete" });
  }

  reload() {
    return this.#send("browsingContext.reload", { wait: "complete" });
  }

  setViewportSize(viewport) {
    return this.#send("browsingContext.setViewport", { viewport });
  }

  async text(expression) {
    const target = { context: this.#context };
    const outcome = await this.#session.send("script.evaluate", { expression, target, awaitPromise: true });
    if (outcome.type === "exception") throw new Error(outcome.exceptionDetails.text);
    return outcome.result.value;
  }

  act(source) {
    return this.#send("input.performActions", { actions: [source] });
  }

  async picture() {
    const { data } = await this.#send("browsingContext.captureScreenshot");
    return data;
  }

  #send(method, params = {}) {
    return this.#session.send(method, { context: this.#context, ...params });
  }
}
