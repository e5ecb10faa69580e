// The scenario in Node's worker threads.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

import { draw, mishaps } from "./scenario.js";

globalThis.ErrorEvent ??= class ErrorEvent extends Event {
  constructor(type, { message }) {
    super(type);
    this.message = message;
  }
};

export async function inNode({ dist, manifest, weights, actions, seed }) {
  const script = pathToFileURL(`${dist}/worker.js`).href;
  const world = async () => [await readFile(manifest, "utf8"), await bytes(weights)];
  const spawn = () => browserLike(new Worker(new URL("node_worker.mjs", import.meta.url), { workerData: { script } }));
  const outcome = await draw({ spawn, world, actions, seed });
  const checked = await mishaps({ spawn, world, seed, steps: actions });
  return { ...outcome, checked, where: `Node ${process.version}` };
}

/** A buffer of its own, so that it can be handed over. */
async function bytes(path) {
  return new Uint8Array(await readFile(path)).buffer;
}

function browserLike(worker) {
  worker.on("message", (data) => worker.onmessage?.({ data }));
  worker.on("error", (error) => worker.onerror?.({ message: error.message }));
  return worker;
}
