// A worker's port: requests in, reports out. Everything else is in the wasm (crates/bvgdm_worker).
import load, { Engine } from "./bvgdm_worker.js";

async function start() {
  await load();
  return new Engine();
}

const ready = start();

async function answer([head, body]) {
  const engine = await ready;
  const report = engine.answer(head, new Uint8Array(body ?? 0));
  const { buffer } = engine.take_body();
  self.postMessage([report, buffer], [buffer]);
}

// A rejected promise would stay in here; an exception reaches the page as the worker's error event.
const fatal = (error) =>
  setTimeout(() => {
    throw error;
  });

ready.catch(fatal);
self.onmessage = ({ data }) => answer(data).catch(fatal);
