// A worker's port: requests in, reports out, with the bytes of its memory. Everything else is in the wasm
// (crates/bvgdm_worker).
import load, { Engine } from "./bvgdm_worker.js";

async function start() {
  const { memory } = await load();
  return { engine: new Engine(), memory };
}

const ready = start();

async function answer([head, body]) {
  const { engine, memory } = await ready;
  const report = engine.answer(head, new Uint8Array(body ?? 0));
  const { buffer } = engine.take_body();
  self.postMessage([report, buffer, memory.buffer.byteLength], [buffer]);
}

// A rejected promise would stay in here; an exception reaches the page as the worker's error event.
const fatal = (error) =>
  setTimeout(() => {
    throw error;
  });

ready.catch(fatal);
self.onmessage = ({ data }) => answer(data).catch(fatal);
