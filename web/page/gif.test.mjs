import assert from "node:assert/strict";
import { test } from "node:test";
import { openGif } from "./gif.js";

test("a GIF has the frames and their delay", async () => {
  const context = {
    drawImage() {},
    getImageData: (_x, _y, w, h) => ({ data: new Uint8ClampedArray(w * h * 4).fill(90) }),
  };
  const parts = { load: async () => (await import("gifenc")).default, canvas: () => ({ getContext: () => context }) };
  const gif = await openGif({ width: 896, height: 512, fps: 20 }, null, parts);
  for (let i = 0; i < 3; i++) gif.add({}, i);
  const content = Buffer.from(await (await gif.close()).arrayBuffer());
  assert.equal(content.toString("latin1", 0, 6), "GIF89a");
  assert.equal(content.readUInt16LE(6), 448);
  const control = Buffer.from([0x21, 0xf9, 4]);
  let frames = 0;
  for (let at = content.indexOf(control); at >= 0; at = content.indexOf(control, at + 1)) {
    assert.equal(content.readUInt16LE(at + 4), 5, "hundredths of a second");
    frames += 1;
  }
  assert.equal(frames, 3);
});
