// Firefox by WebDriver BiDi, the protocol that it speaks itself: commands over a WebSocket.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { OnScreen, Page } from "./page.mjs";

/** Graphics in software, which it would not use by itself. */
const ALLOWED = ["webgl.force-enabled", "dom.webgpu.enabled", "gfx.webgpu.ignore-blocklist"];

export async function firefox(program) {
  const profile = await mkdtemp(join(tmpdir(), "bvgdm-firefox-"));
  const preferences = ALLOWED.map((name) => `user_pref("${name}", true);\n`);
  await writeFile(join(profile, "user.js"), preferences.join(""));
  const screen = new OnScreen(program, [
    "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank",
  ]);
  const [, address] = await screen.says(/WebDriver BiDi listening on (ws:\S+)/);
  const session = await Session.open(`${address}/session`);
  const { capabilities } = await session.send("session.new", { capabilities: {} });
  await session.send("session.subscribe", { events: ["log.entryAdded"] });
  const { contexts } = await session.send("browsingContext.getTree");
  return {
    name: `Firefox ${capabilities.browserVersion}`,
    page: new BidiPage(session, contexts[0].context),
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
  /** What the console was told as errors. */
  errors = [];

  static async open(address) {
    const session = new Session();
    session.#socket = new WebSocket(address);
    session.#socket.onmessage = ({ data }) => session.#hear(JSON.parse(data));
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

  #hear({ id, type, result, error, message, method, params }) {
    if (method === "log.entryAdded" && params.level === "error") this.errors.push(params.text);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (type === "error") waiting?.reject(new Error(`${error}: ${message}`));
    else waiting?.resolve(result);
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
  }

  get problems() {
    return this.#session.errors;
  }

  goto(url) {
    this.#session.errors.length = 0;
    return this.#session.send("browsingContext.navigate", { context: this.#context, url, wait: "complete" });
  }

  async text(expression) {
    const target = { context: this.#context };
    const outcome = await this.#session.send("script.evaluate", { expression, target, awaitPromise: true });
    if (outcome.type === "exception") throw new Error(outcome.exceptionDetails.text);
    return outcome.result.value;
  }

  keys(actions) {
    const all = [{ type: "key", id: "keyboard", actions }];
    return this.#session.send("input.performActions", { context: this.#context, actions: all });
  }

  async picture() {
    const { data } = await this.#session.send("browsingContext.captureScreenshot", { context: this.#context });
    return data;
  }
}
