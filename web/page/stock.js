// What a game is made of: a bundle, a manifest, weights; all fetched at the same time.
import { LoadError, bytes, sizes, streamed } from "./load.js";
import { Progress } from "./progress.js";
// Written by the build.
import { MANIFEST, WEIGHTS } from "./world.js";

const at = (path) => new URL(path, document.baseURI).href;

/** Fetches the world from the start on, and the bundle once it is known which. */
export class Stock {
  #stop = new AbortController();
  #fetch = (path) => fetch(path, { signal: this.#stop.signal });
  #progress;
  #sizes;
  #world;
  #again;

  /**
   * @param {{show: (progress: Progress) => void}} view is told of what has come
   * @param {number} attempt 0 at first: a script that did not come is not asked for again by the same name
   */
  constructor(view, attempt) {
    this.#again = attempt ? `?again=${attempt}` : "";
    this.#progress = new Progress(3, (progress) => view.show(progress));
    this.#sizes = sizes(this.#fetch);
    this.#world = Promise.all([this.#bytes(MANIFEST), this.#bytes(WEIGHTS)]);
    this.#world.catch(() => {}); // whoever waits for all of it is told
  }

  /**
   * @param {string} name webgpu or webgl2
   * @returns {Promise<{bundle: object, memory: ?WebAssembly.Memory, manifest: Uint8Array, weights: Uint8Array}>}
   */
  async complete(name) {
    const script = `${name}/neural_game.js${this.#again}`;
    const [bundle, exports, [manifest, weights]] = await Promise.all([
      load(script),
      this.#instantiate(script, `${name}/neural_game_bg.wasm`),
      this.#world,
    ]);
    return { bundle, memory: exports.memory ?? null, manifest, weights };
  }

  /** What is still on its way is not wanted any more. */
  cancel() {
    this.#stop.abort();
  }

  async #bytes(path) {
    return bytes(path, this.#progress, (await this.#sizes).get(path), this.#fetch);
  }

  /** Compiles while the bytes come. */
  async #instantiate(script, wasm) {
    const size = (await this.#sizes).get(wasm);
    const { response, whole } = await streamed(wasm, this.#progress, size, this.#fetch);
    const { default: init } = await load(script);
    const [exports] = await Promise.all([init({ module_or_path: response }), whole]);
    return exports;
  }
}

async function load(script) {
  try {
    return await import(at(script));
  } catch (error) {
    throw error instanceof TypeError ? new LoadError(script, error.message) : error;
  }
}
