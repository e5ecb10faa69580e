// `?bench=N`: N frames as fast as the engine makes them, without waiting for the display, and what they took.
import { summary } from "./stats.js";

/** Walks, turns, jumps, strafes: every kind of action, the same every time. */
const ACTIONS = "W*10 W+Right*8 D+Space*6 S+Left*8";
const SEED = 7;
const DEFAULT_FRAMES = 200;
const MOST_FRAMES = 100_000;
/** The mark that supervisor.js sets. */
const WORKER_MEMORY = "bvgdm worker bytes";
const STAGES = ["denoise_ms", "decode_ms", "upload_ms"];

/** Frames that the address asks for; null if it asks for no bench. */
export function benchFrames(query) {
  if (!query.has("bench")) return null;
  const frames = Number(query.get("bench"));
  const valid = Number.isInteger(frames) && frames >= 1;
  return valid ? Math.min(frames, MOST_FRAMES) : DEFAULT_FRAMES;
}

/**
 * Plays the script once the world is ready.
 * @param {object} parts
 * @param {import("./game.js").Game} parts.game
 * @param {() => object} parts.memory bytes by what holds them
 * @returns {Promise<object>} what web/README.md documents; rejects when the world stops or does not begin
 */
export async function bench({ game, frames, memory, now = () => performance.now() }) {
  const stopped = Promise.race(
    ["refused", "failed", "lost"].map((kind) => game.once(kind)),
  ).then(({ value }) => {
    throw new Error(value.reason);
  });
  stopped.catch(() => {}); // told to whoever waits below
  await Promise.race([game.ready, stopped]);
  const ready = now();

  const stages = Object.fromEntries(STAGES.map((name) => [name, []]));
  const stop = game.on("frame", ({ value }) => {
    for (const name of STAGES) stages[name].push(value[name]);
  });
  const tasks = longTasks();
  const played = game.once("script");
  game.command({ script: { seed: SEED, actions: ACTIONS, frames, pictures: false } });
  const { value: script } = await Promise.race([played, stopped]);
  stop();
  return report({ game, ready, script, stages, tasks: tasks(), memory: await memory() });
}

/** All times in milliseconds but `seconds`; `null` is what the browser or the engine does not tell. */
function report({ game, ready, script, stages, tasks, memory }) {
  const { plan, latest } = game;
  return {
    world: latest.ready.world,
    actions: ACTIONS,
    seed: SEED,
    frames: script.frames,
    seconds: script.seconds,
    engine: latest.engine ?? null,
    bundle: plan.bundle,
    adapter: plan.adapter,
    software: plan.software,
    page_to_ready_ms: ready,
    load_ms: latest.ready.load_ms,
    frame_ms: summary(script.frame_ms),
    ...Object.fromEntries(STAGES.map((name) => [name, summary(stages[name])])),
    long_tasks: tasks,
    memory,
    browser: navigator.userAgent,
  };
}

/** Watches the main thread; the function that it returns tells { count, longest_ms }, null if unknown. */
function longTasks() {
  if (!globalThis.PerformanceObserver?.supportedEntryTypes?.includes("longtask")) return () => null;
  const durations = [];
  const take = (entries) => durations.push(...entries.map(({ duration }) => duration));
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ type: "longtask" });
  return () => {
    take(observer.takeRecords());
    observer.disconnect();
    return { count: durations.length, longest_ms: Math.max(0, ...durations) };
  };
}

/** What the page holds: the memories of its wasms, and the browser's figures where it has some. */
export async function memoryOf(wasm) {
  const whole = await whole_page();
  const worker = performance.getEntriesByName(WORKER_MEMORY).at(-1);
  return {
    bundle_bytes: wasm?.buffer.byteLength ?? null,
    worker_bytes: worker?.detail ?? null,
    js_heap_bytes: performance.memory?.usedJSHeapSize ?? null,
    page_bytes: whole,
  };
}

/** Only told to pages that are isolated from others, which this one does not ask for. */
async function whole_page() {
  try {
    return (await performance.measureUserAgentSpecificMemory()).bytes;
  } catch {
    return null;
  }
}
