// The page in Firefox and in WebKit, on a virtual screen with graphics in software:
// `node --experimental-websocket web/test/other.mjs JOB.json [CASE...]`, as for play.mjs.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { firefox } from "./other/bidi.mjs";
import { webkit } from "./other/webdriver.mjs";
import { watched } from "./play/export.mjs";
import { Game } from "./play/game.mjs";
import { drawn, heldKey, resetKey } from "./play/path.mjs";
import { nativePictures } from "./play/pictures.mjs";
import { ROUNDED, WHOLE } from "./play/tolerance.mjs";
import { Host } from "./server.mjs";

/** Software takes a second for a frame of the graphics processor's. */
const FEW = 3;
const CPU = { query: "?engine=cpu", engine: /cpu|processor/i, tolerance: WHOLE, frames: 20, played: true, records: true };
const FRAGMENT = { query: "?engine=webgl2", engine: /fragment/, tolerance: ROUNDED, frames: FEW };
const COMPUTE = { query: "?engine=webgpu", engine: /compute/, tolerance: ROUNDED, frames: FEW };

const BROWSERS = {
  firefox: { open: firefox, cases: { cpu: CPU, fragment: FRAGMENT, compute: COMPUTE } },
  // With Debian's GStreamer its VideoEncoder ends the page, whatever it is given.
  webkit: { open: webkit, cases: { cpu: { ...CPU, records: false }, fragment: FRAGMENT } },
};

const [jobFile, ...chosen] = process.argv.slice(2);
const job = JSON.parse(await readFile(jobFile, "utf8"));
await mkdir(job.screenshots, { recursive: true });
const host = await Host.open(job.page);
let [passed, failed] = [0, 0];

for (const [kind, { open, cases }] of Object.entries(BROWSERS)) {
  const names = Object.keys(cases).filter((name) => chosen.length === 0 || chosen.includes(`${kind}-${name}`));
  if (!job[kind] || names.length === 0) {
    if (!job[kind]) console.log(`skipped ${kind}: it is not there (cargo xtask web-setup ${kind})`);
    continue;
  }
  for (const name of names) {
    const begun = performance.now();
    // A browser for each: what one case leaves on the graphics processor is not the next one's.
    const browser = await open(job[kind]);
    const screenshot = () => browser.page.screenshot({ path: join(job.screenshots, `${kind}-${name}.png`) });
    let outcome;
    try {
      outcome = ["ok     ", await play(browser.page, cases[name])];
      passed += 1;
    } catch (error) {
      outcome = ["FAILED ", [error.stack]];
      failed += 1;
    }
    await screenshot().catch((error) => outcome[1].push(`no picture: ${error.message}`));
    await browser.close();
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log([`${outcome[0]} ${kind}-${name} (${browser.name}, ${seconds} s)`, ...outcome[1]].join("\n          "));
  }
}
await host.close();
console.log(`other browsers: ${passed} passed, ${failed} failed; pictures in ${job.screenshots}`);
process.exit(failed === 0 ? 0 : 1);

/** The world loads with this engine, draws what the native one draws, hears the keyboard and records. */
async function play(page, { query, engine, tolerance, frames, played, records }) {
  const facts = [];
  const say = (fact) => facts.push(fact);
  await page.goto(host.address + query);
  // WebKit's driver does not wait for modules.
  await page.evaluate("(async () => { while (!globalThis.bvgdm) await new Promise((on) => setTimeout(on, 50)); })()");
  const game = await Game.of(page);
  const world = await game.ready();
  await game.playing();
  const chosen = await game.latest("engine");
  assert.match(chosen.name, engine);
  say(chosen.name);
  const native = await nativePictures(job.native_held, world);
  await drawn({ game, native, frames, tolerance, say });
  if (played) {
    say(await heldKey({ page, game, native, tolerance }));
    say(await resetKey({ page, game }));
  }
  if (records) say(await exported({ page, game, frames }));
  assert.deepEqual(page.problems, []);
  return facts;
}

/** What is recorded, as the page makes it; how it is saved is the browser's own. */
async function exported({ page, game, frames }) {
  await page.evaluate(keepBlob);
  await page.locator("#record").click();
  await game.ask({ reset: { seed: 7 } }, "frame");
  await game.ask(null, "frame", { at_least: frames });
  await page.locator("#record").click();
  const content = Buffer.from(await page.evaluate(keptBlob), "base64");
  const { said } = await watched({ page, content, frames, kind: /^video\// });
  return said;
}

/** In the page: keeps what it makes an address of. */
function keepBlob() {
  const make = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob) => make((globalThis.kept = blob));
}

/** In the page: what it has kept, once it offers it. */
async function keptBlob() {
  while (!document.querySelector("#take-link").checkVisibility()) await new Promise((on) => setTimeout(on, 100));
  const bytes = new Uint8Array(await kept.arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
