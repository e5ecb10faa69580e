import assert from "node:assert/strict";
import { test } from "node:test";
import { Recorder, sizeOf } from "./record.js";
import { stamp } from "./take.js";

const WORLD = { width: 112, height: 64, fps: 20 };
const canvas = () => ({ getContext: () => ({ drawImage() {} }) });
const encoder = (more = {}) => ({
  extension: "mp4",
  bytes: 5,
  taken: [],
  add(_canvas, index) {
    this.taken.push(index);
  },
  close: async () => new Blob(["video"]),
  ...more,
});
const task = () => new Promise((resolve) => setTimeout(resolve));

function recorder(openers) {
  const errors = [];
  const parts = { canvas: {}, create: canvas, openers, changed() {}, failed: (e) => errors.push(e.message) };
  return { recorder: new Recorder(parts), errors };
}

test("each frame is taken after it was drawn, and timed by the world", async () => {
  const sink = encoder();
  const { recorder: one } = recorder([async () => null, async () => sink]);
  await one.start(WORLD);
  for (let i = 0; i < 30; i++) one.frame();
  assert.equal(sink.taken.length, 0);
  await task();
  const take = await one.stop();
  assert.deepEqual([sink.taken.length, sink.taken[29], take.seconds, take.extension], [30, 29, 1.5, "mp4"]);
  assert.equal(one.state, "idle");
});

test("nothing is saved of nothing", async () => {
  const { recorder: one } = recorder([async () => encoder()]);
  assert.equal(await one.stop(), null);
  await one.start(WORLD);
  assert.equal(await one.stop(), null);
});

test("an encoder that gives up is reported, and the next recording can start", async () => {
  const broken = encoder({
    add() {
      throw new Error("no memory");
    },
  });
  const { recorder: one, errors } = recorder([async () => broken]);
  await one.start(WORLD);
  one.frame();
  await task();
  assert.deepEqual(errors, ["no memory"]);
  assert.equal(one.state, "idle");
});

test("an encoder that cannot be opened leaves the recording to the next one", async () => {
  const broken = async () => {
    throw new Error("the muxer did not come");
  };
  const { recorder: one, errors } = recorder([broken, async () => null, async () => encoder()]);
  await one.start(WORLD);
  assert.deepEqual([one.state, errors], ["recording", []]);

  const { recorder: none, errors: told } = recorder([broken, async () => null]);
  await none.start(WORLD);
  assert.deepEqual([none.state, told], ["idle", ["the muxer did not come"]]);
});

test("a browser without any encoder says so", async () => {
  const { recorder: one, errors } = recorder([async () => null]);
  await one.start(WORLD);
  assert.match(errors[0], /neither a video nor a GIF/);
});

test("sides are even and a multiple of the world's", () => {
  assert.deepEqual(sizeOf({ width: 112, height: 64 }), { width: 896, height: 512 });
  assert.deepEqual(sizeOf({ width: 899, height: 33 }), { width: 900, height: 34 });
});

test("names sort by time", () => {
  assert.equal(stamp(new Date(2026, 0, 5, 7, 8, 9)), "2026-01-05-070809");
});
