import assert from "node:assert/strict";
import { test } from "node:test";
import { bench, benchFrames, memoryOf } from "./bench.js";
import { Game } from "./game.js";

globalThis.navigator ??= { userAgent: "node" };
const query = (text) => benchFrames(new URLSearchParams(text));

test("the address says how many frames", () => {
  assert.equal(query("bench=60"), 60);
  assert.equal(query(""), null);
  for (const text of ["bench", "bench=0", "bench=-1", "bench=x", "bench=1.5"]) assert.equal(query(text), 200);
  assert.equal(query("bench=1e9"), 100_000);
});

function played(answer) {
  const game = new Game();
  game.plan = { bundle: "webgl2", adapter: "llvmpipe", software: true };
  let report;
  const bundle = {
    play: (_o, _m, _w, to) => (report = (head) => to(JSON.stringify(head))),
    command: (text) => answer(JSON.parse(text), report),
  };
  game.start(bundle, {}, new Uint8Array(), new Uint8Array());
  return { game, report };
}

test("medians by stage come from the frames, and the frame's from the script", async () => {
  const { game, report } = played(({ script }, report) => {
    for (let index = 0; index <= script.frames; index++) {
      report({ frame: { index, denoise_ms: 10 + index, decode_ms: 5, upload_ms: 1 } });
    }
    report({ script: { frames: script.frames, seconds: 1, frame_ms: [20, 21, 22] } });
  });
  const outcome = bench({ game, frames: 4, memory: async () => ({ bundle_bytes: 1 }), now: () => 900 });
  report({ engine: { name: "cpu", reason: null, on_gpu: false } });
  report({ ready: { world: "arena", load_ms: 40 } });
  const figures = await outcome;
  assert.deepEqual(figures.frame_ms, { median: 21, p95: 22 });
  assert.deepEqual(figures.denoise_ms, { median: 12, p95: 14 });
  assert.equal(figures.page_to_ready_ms, 900);
  assert.equal(figures.software, true);
});

test("what an engine does not tell of its stages is unknown, not nothing", async () => {
  const { game, report } = played((_command, report) => {
    report({ frame: { index: 0, denoise_ms: null, decode_ms: null, upload_ms: null } });
    report({ script: { frames: 1, seconds: 1, frame_ms: [20] } });
  });
  const outcome = bench({ game, frames: 1, memory: async () => ({}) });
  report({ ready: { world: "arena", load_ms: 40 } });
  const { frame_ms, decode_ms } = await outcome;
  assert.deepEqual([frame_ms.median, decode_ms], [20, { median: null, p95: null }]);
});

test("what cannot begin ends the bench with its reason", async () => {
  const game = new Game();
  const outcome = bench({ game, frames: 4, memory: async () => ({}) });
  game.refuse("this browser has no WebGPU");
  await assert.rejects(outcome, /no WebGPU/);
});

test("the worker's memory is what was marked last", async () => {
  assert.equal((await memoryOf(null)).worker_bytes, null);
  for (const detail of [1e6, 2e6]) performance.mark("bvgdm worker bytes", { detail });
  assert.equal((await memoryOf(null)).worker_bytes, 2e6);
});

test("a world that stops ends the bench with its reason", async () => {
  const { game, report } = played((_command, report) => report({ failed: { reason: "no memory" } }));
  const outcome = bench({ game, frames: 4, memory: async () => ({}) });
  report({ ready: { world: "arena" } });
  await assert.rejects(outcome, /no memory/);
});
