// The panel below the bar: the world's keys, which engine and why, and what it takes.
import { $ } from "./dom.js";
import { describe } from "./probe.js";

const MS = (value) => `${value.toFixed(1)} ms`;
const SHOWN = {
  generated_fps: (value) => `${value.toFixed(1)} a second`,
  display_fps: (value) => `${value.toFixed(1)} a second`,
  dropped: (value) => `${value} frames`,
  frame_ms: MS,
  denoise_ms: MS,
  decode_ms: MS,
  upload_ms: MS,
};
/** Twice a second is as fast as figures can be read. */
const EVERY_MS = 500;

export function panel({ game, announce }) {
  let last = 0;
  game.on("ready", ({ value }) => $("keys-world").replaceChildren(...value.keys.map(row)));
  const short = () => ($("engine-short").textContent = shortOf(game));
  game.on("engine", ({ value }) => {
    const line = describe(game.plan, value);
    $("engine").textContent = line;
    short();
    announce(line);
  });
  game.on("figures", ({ value }) => {
    show(value);
    short();
  });
  game.on("frame", ({ value }) => {
    const now = performance.now();
    if (now - last < EVERY_MS) return;
    last = now;
    show(value);
  });
}

/** What a key does, as the bundle says it; `null` is no key. */
function row([does, key]) {
  return element("div", element("dt", ...(key === null ? ["no key"] : caps(key))), element("dd", does));
}

/** Keys begin with capitals or are digits; what is done with the mouse stands in small words. */
function caps(key) {
  return /^[A-Z\d]/.test(key) ? key.split(" ").flatMap((cap) => [element("kbd", cap), " "]) : [key];
}

function element(name, ...content) {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}

/** What the closed panel tells. */
function shortOf({ plan, latest: { engine, figures } }) {
  const words = [engine?.on_gpu ? "graphics processor" : "processor"];
  words.push(plan.bundle === "webgpu" ? "WebGPU" : "WebGL2");
  if (figures) words.push(`${figures.generated_fps.toFixed(0)} fps`);
  return words.join(" · ");
}

function show(figures) {
  for (const [name, value] of Object.entries(figures)) {
    const place = document.querySelector(`[data-figure="${name}"]`);
    // An engine may not tell its stages apart, where another did.
    if (place) place.textContent = Number.isFinite(value) ? SHOWN[name](value) : "–";
  }
}
