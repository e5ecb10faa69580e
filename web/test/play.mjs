// The whole page in Chromium, headless and with graphics in software: `node web/test/play.mjs JOB.json
// [CASE...]`, where JOB.json is what `cargo xtask test-web` has written.
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { launch } from "./play/browser.mjs";
import { exporting, noCodecs, noRecorder } from "./play/export.mjs";
import { failures } from "./play/failures.mjs";
import { offline } from "./play/offline.mjs";
import { benched, responsive, warm } from "./play/pace.mjs";
import { drawing, playing } from "./play/path.mjs";
import { ROUNDED, WHOLE } from "./play/tolerance.mjs";
import { Host } from "./server.mjs";

const CASES = {
  webgl2: {
    cpu: playing({
      query: "?engine=cpu", engine: /cpu|processor/i, shown: /processor.*WebGL2/,
      live: true, tolerance: WHOLE,
    }),
    fragment: playing({
      query: "?engine=webgl2", engine: /fragment/, shown: /graphics processor.*WebGL2/,
      live: false, tolerance: ROUNDED,
    }),
    responsive,
    warm,
    offline,
    "export-recorder": exporting({ without: [noCodecs], kind: /^video\// }),
    "export-gif": exporting({ without: [noCodecs, noRecorder], kind: /^image\/gif/ }),
    bench: benched,
    ...failures,
  },
  webgpu: {
    compute: playing({
      query: "?engine=webgpu", engine: /compute/, shown: /graphics processor.*WebGPU/,
      live: false, tolerance: ROUNDED,
    }),
    // The shaders that real graphics processors get, whose threads share what they read: seconds a frame
    // in software.
    "compute-sharing": drawing({ query: "?engine=webgpu&software=no", frames: 2, tolerance: ROUNDED }),
  },
};

const [jobFile, ...chosen] = process.argv.slice(2);
const job = JSON.parse(await readFile(jobFile, "utf8"));
await rm(job.screenshots, { recursive: true, force: true });
await mkdir(job.screenshots, { recursive: true });
const host = await Host.open(job.page);
const begun = performance.now();
let [passed, failed] = [0, 0];

for (const [graphics, cases] of Object.entries(CASES)) {
  const names = Object.keys(cases).filter((name) => chosen.length === 0 || chosen.includes(name));
  if (names.length === 0) continue;
  const browser = await launch(job.chromium, graphics);
  for (const name of names) {
    const started = performance.now();
    const screenshot = (page) => page.screenshot({ path: join(job.screenshots, `${name}.png`) });
    const folder = join(job.screenshots, name);
    const facts = [];
    const say = (fact) => facts.push(fact);
    const took = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    try {
      await cases[name]({ browser, host, job, say, screenshot, folder, openHost: () => Host.open(job.page) });
      passed += 1;
      console.log([`ok      ${name} (${took()})`, ...facts].join("\n          "));
    } catch (error) {
      failed += 1;
      console.log([`FAILED  ${name} (${took()})`, ...facts, error.stack].join("\n          "));
      for (const context of browser.contexts()) {
        for (const page of context.pages()) await screenshot(page).catch(() => {});
        await context.close();
      }
    }
  }
  await browser.close();
}
await host.close();
const seconds = ((performance.now() - begun) / 1000).toFixed(0);
console.log(`browser: ${passed} passed, ${failed} failed in ${seconds} s; pictures in ${job.screenshots}`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
