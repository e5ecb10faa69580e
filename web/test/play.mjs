// The whole page in Chromium, Firefox and WebKit, with graphics in software:
// `node --experimental-websocket web/test/play.mjs JOB.json [BROWSER | BROWSER-CASE...]`, where JOB.json is
// what `cargo xtask test-web` has written.
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { BROWSERS } from "./cases.mjs";
import { Host } from "./server.mjs";

const [jobFile, ...chosen] = process.argv.slice(2);
const job = JSON.parse(await readFile(jobFile, "utf8"));
await rm(job.screenshots, { recursive: true, force: true });
await mkdir(job.screenshots, { recursive: true });
const begun = performance.now();
let [passed, failed] = [0, 0];

for (const [kind, { program, open, cases }] of Object.entries(BROWSERS)) {
  const isChosen = (name) => chosen.length === 0 || chosen.includes(kind) || chosen.includes(`${kind}-${name}`);
  const names = Object.keys(cases).filter(isChosen);
  if (names.length > 0 && !job[program]) {
    console.log(`skipped ${kind}: ${program} is not there (cargo xtask web-setup)`);
    continue;
  }
  for (const name of names) {
    const started = performance.now();
    const facts = [];
    let error;
    // A browser and a host for each: what one case leaves behind is not the next one's.
    const [browser, host] = await Promise.all([open(job[program]), Host.open(job.page)]);
    const folder = join(job.screenshots, `${kind}-${name}`);
    const screenshot = async (page, more = "") => page.screenshot({ path: `${folder}${more}.png` });
    try {
      await cases[name]({ browser, host, job, folder, screenshot, say: (fact) => facts.push(fact) });
      passed += 1;
    } catch (thrown) {
      failed += 1;
      error = thrown;
      await screenshot(browser.page).catch(() => facts.push("no picture could be taken"));
    }
    await Promise.all([browser.close(), host.close()]);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const head = `${error ? "FAILED" : "ok    "}  ${kind}-${name} (${browser.name}, ${seconds} s)`;
    console.log([head, ...facts, ...(error ? [error.stack] : [])].join("\n          "));
  }
}
const seconds = ((performance.now() - begun) / 1000).toFixed(0);
console.log(`browsers: ${passed} passed, ${failed} failed in ${seconds} s; pictures in ${job.screenshots}`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
