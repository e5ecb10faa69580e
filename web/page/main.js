// The page: finds out what can be had, loads it, plays it, and puts everything around it in place.
import { announcer } from "./announce.js";
import { bar } from "./bar.js";
import { bench, benchFrames, memoryOf } from "./bench.js";
import { benchView } from "./bench_view.js";
import { $ } from "./dom.js";
import { gather } from "./facts.js";
import { Failure } from "./failure.js";
import { failures } from "./failures.js";
import { Game } from "./game.js";
import { keys } from "./keys.js";
import { LoadError } from "./load.js";
import { loading } from "./loading.js";
import { offline } from "./offline.js";
import { panel } from "./panel.js";
import { pointer } from "./pointer.js";
import { ENGINES, decide, describe, engineNamed } from "./probe.js";
import { DEFAULTS, Settings } from "./settings.js";
import { settingsDialog } from "./settings_dialog.js";
import { Stock } from "./stock.js";
import { takes } from "./take.js";
import { touch } from "./touch.js";
import { BUNDLES, MANIFEST } from "./world.js";

const query = new URLSearchParams(location.search);
const canvas = $("game");
const game = new Game();
const settings = new Settings();
const failure = new Failure();
const announce = announcer($("status"));
const frames = benchFrames(query);
const forced = engineNamed(query.get("engine"));
const facts = gather({ navigator, document });
let exports = null;
let known = null;

globalThis.bvgdm = game;
const record = takes({ game, canvas, announce });
pointer({ game, canvas, announce });
touch({ game, canvas, settings });
keys({ canvas, record, settings, engines: () => ENGINES.filter(engineFor) });
bar({ game, canvas, record, announce });
panel({ game, announce });
failures({ game, canvas, failure, announce });
settingsDialog({ settings, canvas, reloads });
settings.changed(apply);
offline({ game, failure, announce });
if (frames !== null) {
  globalThis.bvgdmBench = bench({ game, frames, memory: () => memoryOf(exports.memory) });
  benchView(frames, globalThis.bvgdmBench);
}
game.once("frame").then(() => {
  loading.end();
  if (document.activeElement === document.body) canvas.focus({ preventScroll: true });
});
for (const kind of ["failed", "lost"]) game.once(kind).then(() => loading.end());
start(0);

/** Loads and plays; `attempt` counts what was tried before. */
async function start(attempt) {
  loading.begin();
  announce("Loading.");
  const stock = new Stock(loading, attempt);
  try {
    known = await facts;
    follow(choose());
    if (!game.plan.bundle) {
      stock.cancel();
      return unsupported(game.plan.reason);
    }
    loading.say("Fetching the game and its world");
    const { bundle, memory, manifest, weights } = await stock.complete(game.plan.bundle);
    exports = { memory };
    loading.wait("Starting the engine");
    game.start(bundle, options(), manifest, weights);
  } catch (error) {
    stock.cancel();
    loading.end();
    const network = error instanceof LoadError;
    failure.show(network ? "network" : "start", error.message, () => start(attempt + 1));
    announce(error.message);
    game.refuse(error.message);
    if (!network) console.error(error);
  }
}

/** An address is an order; a setting is a wish, which another machine may not be able to grant. */
function choose() {
  if (forced) return decide(known, forced, BUNDLES);
  const wished = decide(known, chosen().engine, BUNDLES);
  return wished.bundle ? wished : decide(known, "auto", BUNDLES);
}

/** What is played from now on, by the bundle once that is there. */
function follow(plan) {
  game.plan = plan;
  $("engine").textContent = plan.bundle ? describe(plan, game.latest.engine) : plan.reason;
}

/** A bench is the same wherever it runs: it does not take the player's settings. */
function chosen() {
  return frames === null ? settings.values : DEFAULTS;
}

function options() {
  const { steps, sensitivity, smooth } = chosen();
  const seed = Number(query.get("seed") ?? NaN);
  return {
    canvas: "#game",
    engine: game.plan.engine,
    software: game.plan.software && query.get("software") !== "no",
    steps,
    sensitivity,
    smooth,
    name: MANIFEST.split("/").at(-1),
    ...(Number.isSafeInteger(seed) && seed >= 0 ? { seed } : {}),
  };
}

/** Settings have changed: what the bundle that was chosen can do is done at once, or when it begins. */
function apply(_values, { engine, ...changed }) {
  const plan = engine && engineFor(engine);
  if (plan) {
    follow(plan);
    changed.engine = plan.engine;
  }
  if (Object.keys(changed).length > 0) game.command({ settings: changed });
}

function reloads(engine) {
  return game.plan?.bundle != null && engineFor(engine) === null;
}

/** The plan for an engine if the bundle that was chosen can do it, else null. */
function engineFor(engine) {
  if (!game.plan?.bundle) return null;
  const plan = decide(known, engine, BUNDLES);
  // The processor needs neither's passes.
  if (engine === "cpu") return { ...game.plan, engine, reason: plan.reason };
  return plan.bundle === game.plan.bundle ? plan : null;
}

function unsupported(reason) {
  loading.end();
  failure.show(forced && forced !== "auto" ? "forced" : "unsupported", `${reason[0].toUpperCase()}${reason.slice(1)}.`);
  announce(reason);
  game.refuse(reason);
}
