// What this browser has: asked for as the bundle will ask, not read from a name.

/** Default limits of WebGPU, and what the plan's passes need; compatibility devices have less. */
const LIMITS = {
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 16384,
};
const SOFTWARE = /swiftshader|llvmpipe|softpipe|lavapipe|software|basic render|\bwarp\b/i;
const PATIENCE_MS = 4000;
/** A module with vectors, as all of ours are: its function is of i8x16.popcnt, which came last into SIMD. */
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
];

/**
 * @returns {Promise<{wasm: {had: boolean, why: string}, webgpu: Gpu, webgl2: Gpu & {floats: boolean}}>}
 *   where a Gpu is { had: boolean, software: boolean, name: string, why: string }, `why` for what is not had
 */
export async function gather({
  navigator, document, wasm = globalThis.WebAssembly, patience_ms = PATIENCE_MS,
}) {
  return {
    wasm: webassembly(wasm),
    webgpu: await webgpu(navigator.gpu, patience_ms),
    webgl2: webgl2(document),
  };
}

function webassembly(wasm) {
  if (!wasm) return { had: false, why: "this browser has no WebAssembly" };
  if (!wasm.validate(new Uint8Array(SIMD))) return { had: false, why: "this browser's WebAssembly has no SIMD" };
  return { had: true, why: "" };
}

async function webgpu(gpu, patience_ms) {
  const none = (why) => ({ had: false, software: false, name: "", why });
  if (!gpu) return none("this browser has no WebGPU");
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, patience_ms, none("WebGPU did not answer"));
  });
  try {
    return await Promise.race([device(gpu, none), late]);
  } catch (error) {
    return none(`WebGPU gives no device: ${error?.message ?? error}`);
  } finally {
    clearTimeout(timer);
  }
}

async function device(gpu, none) {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return none("WebGPU finds no graphics processor");
  const info = adapter.info ?? {};
  const names = [info.vendor, info.architecture, info.device, info.description];
  const name = names.filter(Boolean).join(" ");
  const fallback = info.isFallbackAdapter || adapter.isFallbackAdapter;
  // An adapter makes one device: the bundle asks for its own.
  (await adapter.requestDevice({ requiredLimits: LIMITS })).destroy();
  return { had: true, software: Boolean(fallback) || SOFTWARE.test(name), name, why: "" };
}

function webgl2(document) {
  const context = document.createElement("canvas").getContext("webgl2");
  if (!context) {
    return { had: false, floats: false, software: false, name: "", why: "this browser has no WebGL2" };
  }
  const floats = Boolean(context.getExtension("EXT_color_buffer_float"));
  const details = context.getExtension("WEBGL_debug_renderer_info");
  const name = String(context.getParameter(details?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  // The browser keeps only a few contexts: this one is given back at once.
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return { had: true, floats, software: SOFTWARE.test(name), name, why: "" };
}
