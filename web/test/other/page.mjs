// What the cases use of a page, whichever protocol the browser speaks: as playwright names it.
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";

/** A protocol has `goto`, `text` (of an expression or its promise), `keys`, `picture` and `problems`. */
export class Page {
  keyboard = {
    down: (key) => this.keys([{ type: "keyDown", value: key }]),
    up: (key) => this.keys([{ type: "keyUp", value: key }]),
    press: (key) => this.keys([{ type: "keyDown", value: key }, { type: "keyUp", value: key }]),
  };

  /** The value of an expression, or of a function of `argument`, in the page. */
  async evaluate(f, argument) {
    const value = typeof f === "function" ? `(${f})(${JSON.stringify(argument) ?? ""})` : f;
    const text = await this.text(`Promise.resolve(${value}).then((value) => JSON.stringify(value) ?? "null")`);
    return JSON.parse(text);
  }

  locator(selector) {
    const on = (what) => this.evaluate(`document.querySelector(${JSON.stringify(selector)}).${what}`);
    return { focus: () => on("focus()"), click: () => on("click()") };
  }

  async screenshot({ path }) {
    await writeFile(path, Buffer.from(await this.picture(), "base64"));
  }
}

/** A program that needs a screen, on a virtual one of its own, with all that it starts. */
export class OnScreen {
  #child;
  #text = "";

  constructor(program, programArguments) {
    const screen = ["--auto-servernum", "--server-args", "-screen 0 1000x760x24"];
    this.#child = spawn("xvfb-run", [...screen, program, ...programArguments], {
      // A group, to be ended as one.
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
      // WebKit's sandbox wants what containers lack; what is opened here is ours.
      env: { ...process.env, LIBGL_ALWAYS_SOFTWARE: "1", WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" },
    });
    this.#child.stderr.on("data", (data) => (this.#text += data));
  }

  /** The match of what it says on stderr. */
  async says(pattern, limit_ms = 60_000) {
    const ends = performance.now() + limit_ms;
    while (performance.now() < ends) {
      const match = pattern.exec(this.#text);
      if (match) return match;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`expected ${pattern} within ${limit_ms} ms: ${this.#text}`);
  }

  async close() {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    const end = (signal) => {
      try {
        process.kill(-this.#child.pid, signal);
      } catch {
        // All of it has ended.
      }
    };
    end("SIGTERM");
    const limit = setTimeout(end, 5_000, "SIGKILL");
    await ended;
    clearTimeout(limit);
  }
}
