// A worker's port: requests in, reports out. Everything else is in the wasm (crates/bvgdm_worker).
//
// There are two of it: one with relaxed SIMD, whose fused multiply-add is faster, for the browsers
// that have it, and one for the rest. `worker.js?plain` takes the latter everywhere.

// A module with one instruction of relaxed SIMD (i8x16.relaxed_swizzle).
const RELAXED = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, // magic and version
  1, 5, 1, 96, 0, 1, 123, // types: () -> v128
  3, 2, 1, 0, // functions: one of that type
  10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11, // its code
);
const plain = new URL(import.meta.url).searchParams.has("plain");
const relaxed = !plain && WebAssembly.validate(RELAXED);

async function start() {
  const module = await import(relaxed ? "./bvgdm_worker_relaxed.js" : "./bvgdm_worker.js");
  await module.default();
  return new module.Engine();
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
