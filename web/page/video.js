// Video by WebCodecs: H.264 in MP4 where the browser encodes it, else VP9 or VP8 in WebM.

const CANDIDATES = [
  { codec: "avc1.42001f", name: "avc", extension: "mp4", more: { avc: { format: "avc" } } },
  { codec: "avc1.640028", name: "avc", extension: "mp4", more: { avc: { format: "avc" } } },
  { codec: "vp09.00.31.08", name: "V_VP9", extension: "webm", more: {} },
  { codec: "vp8", name: "V_VP8", extension: "webm", more: {} },
];
const BITS_A_SECOND = 4_000_000;
const SECONDS_A_KEY_FRAME = 2;

/**
 * WebKit's on Linux ends the whole page with the first frame, whatever it is given (WebKitGTK 2.50 with
 * GStreamer 1.22): a recording by other means is better than none.
 */
export function endsPages(userAgent) {
  return /Linux.*AppleWebKit/.test(userAgent) && !/Chrom/.test(userAgent);
}

const own = {
  VideoEncoder: endsPages(globalThis.navigator?.userAgent) ? null : globalThis.VideoEncoder,
  VideoFrame: globalThis.VideoFrame,
  muxers: {
    mp4: () => import("../vendor/mp4-muxer.mjs"),
    webm: () => import("../vendor/webm-muxer.mjs"),
  },
};

/** An encoder of record.js for { width, height, fps }, or null without WebCodecs. */
export async function openVideo(spec, _scratch, parts = own) {
  const { VideoEncoder, muxers } = parts;
  if (!VideoEncoder) return null;
  for (const candidate of CANDIDATES) {
    const config = configOf(candidate, spec);
    if (!(await supports(VideoEncoder, config))) continue;
    const muxing = await muxers[candidate.extension]();
    return new Video({ candidate, config, spec, muxing, parts });
  }
  return null;
}

function configOf({ codec, more }, { width, height, fps }) {
  return { codec, width, height, framerate: fps, bitrate: BITS_A_SECOND, ...more };
}

async function supports(VideoEncoder, config) {
  try {
    return (await VideoEncoder.isConfigSupported(config)).supported;
  } catch {
    return false;
  }
}

class Video {
  extension;
  bytes = 0;
  #encoder;
  #muxer;
  #target;
  #fps;
  #error = null;
  #VideoFrame;

  constructor({ candidate, config, spec: { width, height, fps }, muxing, parts }) {
    this.extension = candidate.extension;
    this.#fps = fps;
    this.#VideoFrame = parts.VideoFrame;
    this.#target = new muxing.ArrayBufferTarget();
    const video = { codec: candidate.name, width, height, frameRate: fps };
    const own = candidate.extension === "mp4" ? { fastStart: "in-memory" } : {};
    this.#muxer = new muxing.Muxer({ target: this.#target, video, ...own });
    this.#encoder = new parts.VideoEncoder({
      output: (chunk, meta) => {
        this.bytes += chunk.byteLength;
        this.#muxer.addVideoChunk(chunk, meta);
      },
      error: (error) => (this.#error = error),
    });
    this.#encoder.configure(config);
  }

  add(canvas, index) {
    if (this.#error) throw this.#error;
    const duration = Math.round(1e6 / this.#fps);
    const timestamp = Math.round((index * 1e6) / this.#fps);
    const frame = new this.#VideoFrame(canvas, { timestamp, duration, alpha: "discard" });
    const keyFrame = index % Math.round(SECONDS_A_KEY_FRAME * this.#fps) === 0;
    this.#encoder.encode(frame, { keyFrame });
    frame.close();
  }

  async close() {
    await this.#encoder.flush();
    if (this.#error) throw this.#error;
    this.#encoder.close();
    this.#muxer.finalize();
    return new Blob([this.#target.buffer], { type: `video/${this.extension}` });
  }
}
