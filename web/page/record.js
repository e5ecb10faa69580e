// Records what is played: one picture for every frame of the world, at the world's pace.
//
// An encoder is { extension, bytes, add(canvas, index), close(): Promise<Blob> }. The openers are
// asked in turn, and each returns an encoder, or null where the browser lacks what it needs; one that
// throws is left out too.
import { openGif } from "./gif.js";
import { openStream } from "./stream.js";
import { openVideo } from "./video.js";

/** A recording is about so wide, whatever the screen is. */
const WIDTH = 896;
/** Ten minutes of 20 frames a second: it is kept in memory until it is saved. */
export const MOST_FRAMES = 12_000;

const OPENERS = [openVideo, openStream, openGif];
const createCanvas = () => document.createElement("canvas");

export class Recorder {
  /** idle, opening, recording or closing. */
  state = "idle";
  frames = 0;
  #parts;
  #encoder = null;
  #scratch;
  #context;
  #world;
  #spec;
  /** Settles when what is under way is done: opening or closing. */
  #change;

  /**
   * @param {object} parts
   * @param {HTMLCanvasElement} parts.canvas the picture
   * @param {(recorder: Recorder) => void} parts.changed is told of each frame and of its state
   * @param {(error: Error) => void} parts.failed the encoder gave up; what it had is lost
   */
  constructor({ canvas, changed, failed, openers = OPENERS, create = createCanvas }) {
    this.#parts = { canvas, changed, failed, openers, create };
  }

  get seconds() {
    return this.#spec ? this.frames / this.#spec.fps : 0;
  }

  get bytes() {
    return this.#encoder?.bytes ?? 0;
  }

  /** Starts, for a world of so many pixels and frames a second; after the one that is being closed. */
  async start(world) {
    if (this.state === "closing") await this.#change;
    if (this.state !== "idle") return;
    this.#change = this.#begin(world);
    await this.#change;
  }

  /** A frame is about to be drawn. Its picture is only there until the browser has shown it. */
  frame() {
    if (this.state === "recording") queueMicrotask(() => this.#take());
  }

  /**
   * Ends, as soon as it has begun, and returns { blob, extension, seconds }, or null if there is nothing
   * to save.
   */
  async stop() {
    if (this.state === "opening") await this.#change;
    if (this.state !== "recording") return null;
    this.#change = this.#end();
    return this.#change;
  }

  async #begin(world) {
    this.#world = world;
    this.#spec = { ...sizeOf(world), fps: world.fps };
    this.frames = 0;
    this.#to("opening");
    try {
      this.#scratch = this.#parts.create();
      this.#scratch.width = this.#spec.width;
      this.#scratch.height = this.#spec.height;
      this.#context = this.#scratch.getContext("2d", { alpha: false });
      this.#context.imageSmoothingQuality = "high";
      this.#encoder = await this.#open();
      this.#to("recording");
    } catch (error) {
      this.#fail(error);
    }
  }

  async #end() {
    this.#to("closing");
    const { extension } = this.#encoder;
    try {
      const blob = await this.#encoder.close();
      const { seconds, frames } = this;
      this.#encoder = null;
      this.#to("idle");
      return frames > 0 ? { blob, extension, seconds } : null;
    } catch (error) {
      // Not every encoder can close without a frame, and nothing is lost then.
      if (this.frames > 0) this.#fail(error);
      else this.#drop();
      return null;
    }
  }

  async #open() {
    let why = new Error("this browser can encode neither a video nor a GIF");
    for (const open of this.#parts.openers) {
      try {
        const encoder = await open(this.#spec, this.#scratch);
        if (encoder) return encoder;
      } catch (error) {
        why = error;
      }
    }
    throw why;
  }

  #take() {
    if (this.state !== "recording") return;
    const { canvas } = this.#parts;
    const { width, height } = this.#spec;
    try {
      this.#context.drawImage(canvas, ...fitted(this.#world, canvas), 0, 0, width, height);
      this.#encoder.add(this.#scratch, this.frames);
      this.frames += 1;
      this.#parts.changed(this);
    } catch (error) {
      this.#fail(error);
    }
  }

  #to(state) {
    this.state = state;
    this.#parts.changed(this);
  }

  #fail(error) {
    this.#drop();
    this.#parts.failed(error);
  }

  #drop() {
    this.#encoder = null;
    this.#to("idle");
  }
}

/**
 * Where the game has put the picture into its canvas (examples/neural_game/screen.rs): as large as the world's
 * proportions allow, in the middle.
 * @returns {[number, number, number, number]} left, top, width, height
 */
export function fitted(world, canvas) {
  const scale = Math.min(canvas.width / world.width, canvas.height / world.height);
  const [width, height] = [world.width * scale, world.height * scale];
  return [(canvas.width - width) / 2, (canvas.height - height) / 2, width, height];
}

/** A multiple of the world's size near WIDTH; encoders of video want even sides. */
export function sizeOf({ width, height }) {
  const scale = Math.max(1, Math.round(WIDTH / width));
  const even = (pixels) => pixels + (pixels % 2);
  return { width: even(width * scale), height: even(height * scale) };
}
