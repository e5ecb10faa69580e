import assert from "node:assert/strict";
import { test } from "node:test";
import { Recorder, fitted, sizeOf } from "./record.js";
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

test("an encoder that cannot close without a frame has lost nothing", async () => {
  const close = () => Promise.reject(new TypeError("no chunk has told of its colours"));
  const { recorder: one, errors } = recorder([async () => encoder({ close })]);
  await one.start(WORLD);
  assert.equal(await one.stop(), null);
  assert.deepEqual([one.state, errors], ["idle", []]);
});

test("what is asked for while it opens or closes is done then", async () => {
  const { recorder: one } = recorder([async () => encoder()]);
  const [, none] = await Promise.all([one.start(WORLD), one.stop()]);
  assert.deepEqual([one.state, none], ["idle", null]);

  await one.start(WORLD);
  one.frame();
  await task();
  const [take] = await Promise.all([one.stop(), one.start(WORLD)]);
  assert.deepEqual([one.state, take.seconds], ["recording", 1 / 20]);
});

test("only the picture is taken, without the bars beside it", async () => {
  const drawn = [];
  const create = () => ({ getContext: () => ({ drawImage: (_canvas, ...where) => drawn.push(where) }) });
  const parts = { canvas: { width: 700, height: 400 }, create, openers: [async () => encoder()], changed() {} };
  const one = new Recorder(parts);
  await one.start({ width: 64, height: 64, fps: 20 });
  one.frame();
  await task();
  assert.deepEqual(drawn, [[150, 0, 400, 400, 0, 0, 896, 896]]);
});

test("the picture is as large as fits, in the middle", () => {
  const canvas = { width: 700, height: 400 };
  assert.deepEqual(fitted({ width: 112, height: 64 }, canvas), [0, 0, 700, 400]);
  assert.deepEqual(fitted({ width: 64, height: 64 }, canvas), [150, 0, 400, 400]);
  assert.deepEqual(fitted({ width: 140, height: 40 }, canvas), [0, 100, 700, 200]);
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
