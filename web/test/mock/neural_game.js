// Stands in for a game bundle: it keeps the contract, and paints moving colours on a 2D canvas.
//
// The address's `mock` names a mishap: bad-weights, lost, trap, no-ready.
const SIZE = [112, 64];
const FPS = 20;
const KEYS = { KeyW: "forward", KeyS: "back", KeyA: "left", KeyD: "right", Space: "jump", KeyE: "use" };
const ACTIONS = [
  ...["forward", "back", "left", "right"].map((name) => ({ name, kind: "button" })),
  { name: "yaw", kind: "axis", min: -8, max: 8 },
  { name: "pitch", kind: "axis", min: -4, max: 4 },
  ...["jump", "attack", "use"].map((name) => ({ name, kind: "button" })),
];
const SHOWN = [
  ["walk", "W A S D"], ["look around", "mouse, arrows"], ["jump", "Space"], ["attack", "click"], ["use", "E"],
];
const mishap = new URLSearchParams(location.search).get("mock");

const world = {
  seed: 1, index: -1, x: 0, y: 0, turned: 0, status: "loading", smooth: true, pointer: false, held: {}, keys: {},
  script: null, due: 0,
};
/** Every command that came, for tests. */
globalThis.mockCommands = [];
let report;
let canvas;
let context;

export default async function init({ module_or_path }) {
  const { instance } = await WebAssembly.instantiateStreaming(module_or_path);
  return { memory: { buffer: new ArrayBuffer(1 << 20) }, ...instance.exports };
}

export function play(options, manifest, weights, to) {
  const given = JSON.parse(options);
  report = (head, body) => to(JSON.stringify(head), body);
  canvas = document.querySelector(given.canvas);
  context = canvas.getContext("2d");
  world.seed = given.seed ?? 1;
  world.smooth = given.smooth ?? true;
  globalThis.mockOptions = { ...given, manifest: manifest.length, weights: weights.length };
  if (mishap === "bad-weights") {
    return report({ failed: { reason: "arena.safetensors: SHA-256 is 00ab…, the manifest says 41cd…" } });
  }
  if (mishap === "no-ready") return;
  const [width, height] = SIZE;
  setTimeout(() => {
    report({ engine: engine(given.engine) });
    report({ ready: { world: "arena", width, height, fps: FPS, load_ms: 40, actions: ACTIONS, keys: SHOWN } });
    status("playing");
    requestAnimationFrame(tick);
  }, 40);
  canvas.addEventListener("keydown", key);
  canvas.addEventListener("keyup", key);
  canvas.addEventListener("mousemove", ({ movementX }) => world.pointer && (world.turned += movementX));
  setInterval(() => {
    if (world.status !== "playing") return;
    report({ figures: { generated_fps: FPS, display_fps: 60, dropped: 0, frame_ms: 22.8 } });
  }, 1000);
  if (mishap === "lost") setTimeout(() => report({ lost: { reason: "the device is gone" } }), 800);
  if (mishap === "trap") setTimeout(() => { throw new WebAssembly.RuntimeError("unreachable"); }, 800);
}

export function command(text) {
  const value = JSON.parse(text);
  globalThis.mockCommands.push(value);
  const [[kind, content]] = Object.entries(typeof value === "string" ? { [value]: null } : value);
  const does = {
    reset: ({ seed }) => restart(seed ?? world.seed),
    elsewhere: () => restart(world.seed + 1),
    pause: () => status("paused"),
    resume: () => status("playing"),
    settings: ({ engine: name, smooth }) => {
      world.smooth = smooth ?? world.smooth;
      if (name) report({ engine: engine(name) });
    },
    hold: (held) => (world.held = held),
    pointer: (held) => (world.pointer = held),
    script: (script) => {
      restart(script.seed);
      world.script = { ...script, frame_ms: [] };
    },
    picture: () => picture(),
  };
  if (!does[kind]) throw `unknown command ${kind}`;
  does[kind](content);
}

function engine(name) {
  const on_gpu = name !== "cpu";
  return { name: on_gpu ? "passes as compute shaders" : "cpu", reason: null, on_gpu };
}

function restart(seed) {
  Object.assign(world, { seed, index: -1, x: 0, y: 0 });
  status("playing");
}

function status(value) {
  if (world.status !== value) report({ status: (world.status = value) });
}

function key(event) {
  if (event.code in KEYS) world.keys[KEYS[event.code]] = Number(event.type === "keydown");
  if (event.type === "keydown" && event.code === "KeyR") restart(world.seed + Number(event.shiftKey));
  if (event.type === "keydown" && event.code === "KeyP") {
    status(world.status === "paused" ? "playing" : "paused");
  }
}

function tick(now) {
  requestAnimationFrame(tick);
  const { script } = world;
  if (world.status === "playing" && (script || now >= world.due)) {
    world.due = Math.max(now, world.due + 1000 / FPS - 1);
    generate();
    if (script) scripted(script);
  }
  draw();
}

function generate() {
  const held = { ...(world.turned ? { yaw: world.turned / 10 } : {}), ...world.keys, ...world.held };
  world.turned = 0;
  world.index += 1;
  world.x += (held.right ?? 0) - (held.left ?? 0) + (held.yaw ?? 0) + 0.3;
  world.y += (held.forward ?? 0) - (held.back ?? 0) + (held.pitch ?? 0);
  const action = ACTIONS.map(({ name }) => held[name] ?? 0);
  report({ frame: { index: world.index, action, denoise_ms: 15.2, decode_ms: 7.4, upload_ms: 0.1 } });
}

function scripted(script) {
  script.frame_ms.push(20 + (world.index % 5));
  if (script.pictures) picture();
  if (world.index < script.frames) return;
  world.script = null;
  report({ script: { frames: script.frames, seconds: 0.4, frame_ms: script.frame_ms } });
}

function draw() {
  const { clientWidth, clientHeight } = canvas;
  const scale = devicePixelRatio;
  const size = [Math.round(clientWidth * scale), Math.round(clientHeight * scale)];
  if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
  const [width, height] = size;
  const hue = (world.seed * 47 + world.x * 3) % 360;
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${210 + (hue % 30)} 70% 72%)`);
  sky.addColorStop(1, "hsl(35 80% 86%)");
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = `hsl(${hue} 45% 62%)`;
  context.fillRect(0, height * 0.62, width, height);
  for (let i = 0; i < 7; i++) {
    const x = (((i * 190 - world.x * 14) % 1330) + 1330) % 1330 / 1330 * width * 1.2 - width * 0.1;
    context.fillStyle = `hsl(${i * 51} 55% 48%)`;
    const side = height * (0.12 + 0.05 * (i % 3)) * (1 + Math.sin(world.y / 20) * 0.2);
    context.fillRect(x, height * 0.66 - side * 1.6, side, side * 1.8);
  }
}

function picture() {
  const [width, height] = SIZE;
  const body = new Uint8Array(width * height * 4).fill(world.index % 256);
  report({ picture: { index: world.index, width, height } }, body);
}
