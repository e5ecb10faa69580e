// A worker thread of Node with what `worker.js` expects of a browser's.
import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";

globalThis.self = globalThis;
globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
globalThis.fetch = async (url) =>
  new Response(await readFile(new URL(url)), { headers: { "content-type": "application/wasm" } });
await import(workerData.script);
// Messages wait until somebody listens.
parentPort.on("message", (data) => globalThis.onmessage({ data }));
