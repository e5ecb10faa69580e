// Which bundle and which engine, from what there is and what is wished for.

/** The bundles that a page can have, by what they need, and what a player calls that. */
const BUNDLES = { webgpu: "WebGPU", webgl2: "WebGL2" };

/** What `?engine=` and the settings can say: `bvgdm bench` has the same names. */
export const ENGINES = ["auto", "passes-compute", "passes-fragment", "cpu"];
/** What addresses and settings called two of them before, by what the bundle needs. */
const BEFORE = new Map([["webgpu", "passes-compute"], ["webgl2", "passes-fragment"]]);

/** One of ENGINES by its name, by an earlier one too; else null. */
export function engineNamed(name) {
  return ENGINES.includes(name) ? name : BEFORE.get(name) ?? null;
}

const SLOW = "the graphics processor is imitated in software, and the processor itself is faster";

/**
 * @param {object} facts see facts.js
 * @param {string} wanted one of ENGINES
 * @param {string[]} bundles those that this page was built with
 * @returns {{bundle: "webgpu"|"webgl2"|null, engine: "auto"|"passes-compute"|"passes-fragment"|"cpu"|null,
 *   software: boolean, adapter: string, reason: string}} no bundle: the reason says why nothing can
 *   be played; the engine is by the bundle's own name for it, auto the best that the graphics processor has
 */
export function decide(facts, wanted, bundles = Object.keys(BUNDLES)) {
  const built = (name) =>
    bundles.includes(name)
      ? facts[name]
      : { ...facts[name], had: false, why: `this page was built without ${BUNDLES[name]}` };
  const [webgpu, webgl2] = Object.keys(BUNDLES).map(built);
  const missing = `${webgpu.why} and ${webgl2.why}`;
  if (!facts.wasm.had) return nothing(facts.wasm.why);
  switch (wanted) {
    case "passes-compute":
      if (!webgpu.had) return nothing(webgpu.why);
      return plan("webgpu", "passes-compute", webgpu, "WebGPU was asked for");
    case "passes-fragment":
      if (!webgl2.had) return nothing(webgl2.why);
      return webgl2.floats
        ? plan("webgl2", "passes-fragment", webgl2, "WebGL2 was asked for")
        : plan("webgl2", "cpu", webgl2, "WebGL2 was asked for, but it cannot draw into float targets");
    case "cpu": {
      const why = "the processor was asked for";
      if (webgl2.had) return plan("webgl2", "cpu", webgl2, why);
      return webgpu.had ? plan("webgpu", "cpu", webgpu, why) : nothing(missing);
    }
    default:
      return best(webgpu, webgl2, missing);
  }
}

function best(webgpu, webgl2, missing) {
  if (webgpu.had && !webgpu.software) {
    return plan("webgpu", "auto", webgpu, "this browser has WebGPU");
  }
  const no = webgpu.had ? "WebGPU is imitated in software" : webgpu.why;
  if (webgl2.had && !webgl2.software) {
    return webgl2.floats
      ? plan("webgl2", "auto", webgl2, no)
      : plan("webgl2", "cpu", webgl2, `${no}, and WebGL2 cannot draw into float targets`);
  }
  if (webgl2.had) {
    const slow = webgl2.floats ? SLOW : `${no}, and WebGL2 cannot draw into float targets`;
    return plan("webgl2", "cpu", webgl2, slow);
  }
  return webgpu.had ? plan("webgpu", "cpu", webgpu, SLOW) : nothing(missing);
}

function plan(bundle, engine, { software, name }, reason) {
  return { bundle, engine, software, adapter: name, reason };
}

function nothing(reason) {
  return { bundle: null, engine: null, software: false, adapter: "", reason };
}

/**
 * One line for the player: what computes, what shows it, and why.
 * @param {object} plan of `decide`
 * @param {{name: string, reason: ?string, on_gpu: boolean}} [engine] what the bundle says it took
 */
export function describe(plan, engine) {
  const shown = plan.bundle === "webgpu" ? "WebGPU" : "WebGL2";
  const on_gpu = engine ? engine.on_gpu : plan.engine !== "cpu";
  const name = engine ? ` (${engine.name})` : "";
  const where = on_gpu ? `the graphics processor${name}` : `the processor${name}`;
  const own = engine?.reason ? ` The engine adds: ${engine.reason}.` : "";
  const slow = plan.software && on_gpu ? ` ${plan.adapter || "It"} is software, so it is slow.` : "";
  return `The network runs on ${where} and is shown with ${shown}: ${plan.reason}.${own}${slow}`;
}
