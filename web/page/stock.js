// What a game is made of: a bundle, a manifest, weights; all fetched at the same time.
import { LoadError, bytes, sizes, streamed } from "./load.js";
import { Progress } from "./progress.js";

const MANIFEST = "assets/worlds/arena.world.ron";
const WEIGHTS = "assets/worlds/arena.safetensors";
const at = (path) => new URL(path, document.baseURI).href;

/**
 * @param {string} name webgpu or webgl2
 * @param {number} attempt 0 at first: a script that did not come is not asked for again by the same name
 * @param {{show: (progress: Progress) => void}} view is told of what has come
 * @returns {Promise<{bundle: object, memory: ?WebAssembly.Memory, manifest: Uint8Array, weights: Uint8Array}>}
 */
export async function fetchGame(name, attempt, view) {
  const wasm = `${name}/neural_game_bg.wasm`;
  const script = `${name}/neural_game.js${attempt ? `?again=${attempt}` : ""}`;
  const size = await sizes();
  const progress = new Progress(3, (progress) => view.show(progress));
  const get = (path) => bytes(path, progress, size.get(path));
  const [bundle, stream, manifest, weights] = await Promise.all([
    load(script),
    streamed(wasm, progress, size.get(wasm)).then(instantiated(script)),
    get(MANIFEST),
    get(WEIGHTS),
  ]);
  return { bundle, memory: stream.memory ?? null, manifest, weights };
}

/** Compiles while the bytes come. */
function instantiated(script) {
  return async ({ response, whole }) => {
    const { default: init } = await load(script);
    const [exports] = await Promise.all([init({ module_or_path: response }), whole]);
    return exports;
  };
}

async function load(script) {
  try {
    return await import(at(script));
  } catch (error) {
    throw error instanceof TypeError ? new LoadError(script, error.message) : error;
  }
}
