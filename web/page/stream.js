// Video by MediaRecorder, for browsers without WebCodecs. It keeps the time by itself: frames last as
// long as they were shown.

const TYPES = [
  "video/mp4;codecs=avc1.42E01E",
  "video/webm;codecs=vp9",
  "video/webm;codecs=vp8",
  "video/webm",
  "video/mp4",
];
const BITS_A_SECOND = 4_000_000;
/** How often it hands over what it has, so that the size can be told. */
const SLICE_MS = 1000;

/** An encoder of record.js, or null without MediaRecorder. */
export async function openStream({ fps }, scratch, MediaRecorder = globalThis.MediaRecorder) {
  const type = MediaRecorder && TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  if (!type || !scratch.captureStream) return null;
  return new Stream({ scratch, fps, type, MediaRecorder });
}

class Stream {
  extension;
  bytes = 0;
  #recorder;
  #track;
  #parts = [];
  #type;
  #error = null;

  constructor({ scratch, fps, type, MediaRecorder }) {
    this.#type = type;
    this.extension = type.startsWith("video/mp4") ? "mp4" : "webm";
    let stream = scratch.captureStream(0);
    this.#track = stream.getVideoTracks()[0];
    if (!this.#track.requestFrame) {
      stream = scratch.captureStream(fps);
      this.#track = null;
    }
    this.#recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: BITS_A_SECOND });
    this.#recorder.ondataavailable = ({ data }) => {
      this.#parts.push(data);
      this.bytes += data.size;
    };
    this.#recorder.onerror = ({ error }) => (this.#error = error ?? new Error("the recorder stopped"));
    this.#recorder.start(SLICE_MS);
  }

  add() {
    if (this.#error) throw this.#error;
    this.#track?.requestFrame();
  }

  async close() {
    const stopped = new Promise((resolve) => (this.#recorder.onstop = resolve));
    this.#recorder.stop();
    await stopped;
    if (this.#error) throw this.#error;
    return new Blob(this.#parts, { type: this.#type.split(";")[0] });
  }
}
