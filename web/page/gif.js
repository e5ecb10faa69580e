// A GIF, where a browser encodes no video at all: half as wide, 256 colours a frame.

/** An encoder of record.js. */
export async function openGif(
  { width, height, fps },
  _scratch,
  { load = () => import("../vendor/gifenc.mjs"), canvas = () => document.createElement("canvas") } = {},
) {
  const small = Object.assign(canvas(), { width: Math.round(width / 2), height: Math.round(height / 2) });
  const context = small.getContext("2d", { alpha: false, willReadFrequently: true });
  return context ? new Gif(context, small, fps, await load()) : null;
}

class Gif {
  extension = "gif";
  #context;
  #small;
  #fps;
  #gifenc;
  #stream;

  constructor(context, small, fps, gifenc) {
    this.#context = context;
    this.#small = small;
    this.#fps = fps;
    this.#gifenc = gifenc;
    this.#stream = gifenc.GIFEncoder();
  }

  get bytes() {
    return this.#stream.bytesView().length;
  }

  add(canvas) {
    const { quantize, applyPalette } = this.#gifenc;
    const { width, height } = this.#small;
    this.#context.drawImage(canvas, 0, 0, width, height);
    const { data } = this.#context.getImageData(0, 0, width, height);
    const palette = quantize(data, 256, { format: "rgb565" });
    const indexed = applyPalette(data, palette, "rgb565");
    this.#stream.writeFrame(indexed, width, height, { palette, delay: 1000 / this.#fps });
  }

  async close() {
    this.#stream.finish();
    return new Blob([this.#stream.bytes()], { type: "image/gif" });
  }
}
