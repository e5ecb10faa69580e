// The bundle as an object: commands go in, reports come out as events, its state is a word.
//
// `globalThis.bvgdm` is the page's only Game, there from the page's start on, for scripts:
//   await bvgdm.ready;                             the world is loaded
//   bvgdm.command({ script: { seed: 7, actions: "W*20", frames: 20, pictures: false } });  // undrawn
//   const { value } = await bvgdm.once("script");  a report's value and, for pictures, its body
//   const stop = bvgdm.on("frame", ({ value, body }) => …);
//   bvgdm.state, bvgdm.latest.engine, bvgdm.latest.figures, bvgdm.plan

/** States: loading, ready, playing, paused, failed (a reset tries again), lost (only a reload does). */
export class Game {
  state = "loading";
  /** The newest value of every kind of report. */
  latest = {};
  /** What the page chose to load, and why: see probe.js. */
  plan = null;
  #bundle = null;
  #listeners = new Map();
  /** Resolves with the value of the "ready" report. */
  ready = this.once("ready").then(({ value }) => value);

  /** Calls `listener({ kind, value, body })` for reports of a kind, "state" and "*" too. Returns what ends it. */
  on(kind, listener) {
    const set = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, set.add(listener));
    return () => set.delete(listener);
  }

  /** The next report of a kind that `accept` takes. */
  once(kind, accept = () => true) {
    return new Promise((resolve) => {
      const stop = this.on(kind, (report) => {
        if (!accept(report)) return;
        stop();
        resolve(report);
      });
    });
  }

  /** Plays a world: `bundle` is an initialised module, `manifest` and `weights` are Uint8Arrays. */
  start(bundle, options, manifest, weights) {
    this.#bundle = bundle;
    const report = (head, body) => this.#report(JSON.parse(head), body);
    bundle.play(JSON.stringify(options), manifest, weights, report);
  }

  /**
   * Sends a command; one that the bundle refuses is thrown as an Error. Before the start it is dropped, and after
   * the end: a bundle that is lost may still be there, and would go on.
   */
  command(value) {
    if (this.state === "lost") return;
    try {
      this.#bundle?.command(JSON.stringify(value));
    } catch (error) {
      throw error instanceof Error ? error : new Error(String(error));
    }
  }

  /** The page could not begin: nothing plays here, or a file did not come. It may try again. */
  refuse(reason) {
    this.#report({ refused: { reason } });
  }

  /** The page saw an end that the bundle could not report: `stopped` for an error of the bundle. */
  lose(reason, stopped = false) {
    if (this.state !== "lost") this.#report({ lost: { reason, stopped } });
  }

  #report(head, body) {
    const [[kind, value]] = Object.entries(head);
    this.latest[kind] = value;
    this.#emit({ kind, value, body });
    const state = next(this.state, kind, value);
    if (state !== this.state) {
      this.state = state;
      this.#emit({ kind: "state", value: state });
    }
  }

  #emit(report) {
    for (const kind of [report.kind, "*"]) {
      for (const listener of [...(this.#listeners.get(kind) ?? [])]) heed(listener, report);
    }
  }
}

/**
 * A listener's exception is no other listener's business, nor the bundle's, which is the caller. It is not
 * thrown as an error of the page either: with the bundle in its stack it would be taken for a trap.
 */
function heed(listener, report) {
  try {
    listener(report);
  } catch (error) {
    console.error(error);
  }
}

/** The state after a report. */
export function next(state, kind, value) {
  if (state === "lost") return state;
  switch (kind) {
    case "ready":
      return state === "loading" ? "ready" : state;
    case "status":
      return value;
    case "frame":
      return state === "paused" ? state : "playing";
    case "failed":
    case "lost":
      return kind;
    default:
      return state;
  }
}
