import assert from "node:assert/strict";
import { test } from "node:test";
import { bench, benchFrames } from "./bench.js";
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

test("a world that stops ends the bench with its reason", async () => {
  const { game, report } = played((_command, report) => report({ failed: { reason: "no memory" } }));
  const outcome = bench({ game, frames: 4, memory: async () => ({}) });
  report({ ready: { world: "arena" } });
  await assert.rejects(outcome, /no memory/);
});
