// A virtual screen.
import { spawn } from "node:child_process";

/** A program that needs a screen, on a virtual one of its own, with all that it starts. */
export class OnScreen {
  #child;
  #text = "";

  constructor(program, programArguments, environment = {}) {
    const screen = ["--auto-servernum", "--server-args", "-screen 0 3840x2260x24"];
    // Without somebody to give it, no window has the focus, and without that there is no mouse to capture.
    const managed = ["sh", "-c", 'openbox & exec "$@"', "sh", program, ...programArguments];
    this.#child = spawn("xvfb-run", [...screen, ...managed], {
      // A group, to be ended as one.
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
      // WebKit's sandbox wants what containers lack; what is opened here is ours.
      env: { ...process.env, LIBGL_ALWAYS_SOFTWARE: "1", WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", ...environment },
    });
    this.#child.stderr.on("data", (data) => (this.#text += data));
  }

  /** What `begin` makes of it; where that fails, it is closed. */
  async open(begin) {
    try {
      return await begin();
    } catch (error) {
      await this.close();
      throw error;
    }
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
    // What has ended does not say so again.
    if ((this.#child.exitCode ?? this.#child.signalCode) !== null) return;
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
