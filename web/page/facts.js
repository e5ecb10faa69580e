// What this browser has: asked for as the bundle will ask, not read from a name.

/** Default limits of WebGPU, and what the plan's passes need; compatibility devices have less. */
const LIMITS = {
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 16384,
};
const SOFTWARE = /swiftshader|llvmpipe|softpipe|lavapipe|software|basic render|\bwarp\b/i;
const PATIENCE_MS = 4000;

/**
 * @returns {Promise<{wasm: boolean, webgpu: Gpu, webgl2: Gpu & {floats: boolean}}>} where a Gpu is
 *   { had: boolean, software: boolean, name: string, why: string }, `why` for one that is not had
 */
export async function gather({ navigator, document, patience_ms = PATIENCE_MS }) {
  const wasm = typeof WebAssembly === "object";
  return { wasm, webgpu: await webgpu(navigator.gpu, patience_ms), webgl2: webgl2(document) };
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
