import assert from "node:assert/strict";
import { test } from "node:test";
import { endsPages, openVideo } from "./video.js";

const SPEC = { width: 896, height: 512, fps: 20 };
/** An avcC box of a baseline stream. */
const AVCC = Uint8Array.from([1, 0x42, 0, 0x1f, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0, 0x1f, 1, 0, 2, 0x68, 0xce]);
const muxers = { mp4: () => import("mp4-muxer"), webm: () => import("webm-muxer") };

/** The muxers take nothing else. */
globalThis.EncodedVideoChunk ??= class {};

class VideoFrame {
  constructor(_canvas, { timestamp, duration }) {
    Object.assign(this, { timestamp, duration });
  }
  close() {}
}

function encoderOf(supported, seen = []) {
  return class VideoEncoder {
    static isConfigSupported = async ({ codec }) => ({ supported: codec.startsWith(supported) });
    constructor({ output }) {
      this.output = output;
    }
    configure(config) {
      this.config = config;
    }
    encode({ timestamp, duration }, { keyFrame }) {
      seen.push({ timestamp, keyFrame });
      const data = new Uint8Array(64).fill(seen.length);
      const chunk = Object.assign(new EncodedVideoChunk(), {
        type: keyFrame ? "key" : "delta", timestamp, duration, byteLength: data.length,
        copyTo: (target) => target.set(data),
      });
      const decoderConfig = { codec: this.config.codec, description: AVCC.buffer };
      this.output(chunk, keyFrame ? { decoderConfig } : undefined);
    }
    async flush() {}
    close() {}
  };
}

async function record(supported, frames) {
  const seen = [];
  const VideoEncoder = encoderOf(supported, seen);
  const video = await openVideo(SPEC, null, { VideoEncoder, VideoFrame, muxers });
  for (let i = 0; i < frames; i++) video.add({}, i);
  const blob = await video.close();
  return { video, seen, content: Buffer.from(await blob.arrayBuffer()), type: blob.type };
}

test("H.264 becomes an MP4 that lasts as long as its frames", async () => {
  const { video, content, type } = await record("avc1", 50);
  assert.equal(video.extension, "mp4");
  assert.equal(type, "video/mp4");
  assert.equal(content.toString("latin1", 4, 8), "ftyp");
  const header = content.indexOf("mvhd") + 4;
  const [scale, duration] = [content.readUInt32BE(header + 12), content.readUInt32BE(header + 16)];
  assert.equal(duration / scale, 2.5);
});

test("without H.264 it is a WebM", async () => {
  const { video, content } = await record("vp8", 5);
  assert.equal(video.extension, "webm");
  assert.equal(content.readUInt32BE(0), 0x1a45dfa3);
  assert.ok(content.includes("V_VP8"));
});

test("frames are timed by the world, with a key frame every two seconds", async () => {
  const { seen } = await record("avc1", 81);
  assert.equal(seen[1].timestamp, 50_000);
  assert.deepEqual(seen.flatMap(({ keyFrame }, i) => (keyFrame ? [i] : [])), [0, 40, 80]);
});

test("its size is known while it grows", async () => {
  const { video } = await record("vp09", 3);
  assert.equal(video.bytes, 192);
});

test("a browser that encodes nothing gets the next encoder", async () => {
  assert.equal(await openVideo(SPEC, null, { muxers }), null);
  assert.equal(await openVideo(SPEC, null, { VideoEncoder: encoderOf("none"), VideoFrame, muxers }), null);
});

test("an encoder that fails throws at the next frame", async () => {
  let fail;
  class VideoEncoder extends encoderOf("avc1") {
    constructor(parts) {
      super(parts);
      fail = parts.error;
    }
  }
  const video = await openVideo(SPEC, null, { VideoEncoder, VideoFrame, muxers });
  video.add({}, 0);
  fail(new Error("the encoder was taken away"));
  assert.throws(() => video.add({}, 1), /taken away/);
});

test("only the encoder that would end the page is left alone", () => {
  const webkit = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
  assert.ok(endsPages(`Mozilla/5.0 (X11; Linux x86_64) ${webkit} Version/18.0 Safari/605.1.15`));
  for (const sound of [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Version/18.0 Safari/605.1.15`,
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
  ]) {
    assert.ok(!endsPages(sound), sound);
  }
});
