// A worker's port: requests in, reports out. Everything else is in the wasm (crates/bvgdm_worker).
import init, { Engine } from "./bvgdm_worker.js";

const ready = init().then(() => new Engine());

async function answer([head, body]) {
  const engine = await ready;
  const report = engine.answer(head, new Uint8Array(body ?? 0));
  const { buffer } = engine.take_body();
  self.postMessage([report, buffer], [buffer]);
}

self.onmessage = ({ data }) =>
  answer(data).catch((error) => {
    // A rejected promise stays in here; an exception reaches the page as the worker's error event.
    setTimeout(() => {
      throw error;
    });
  });
