// The whole page in Chromium, Firefox and WebKit, with graphics in software:
// `node --experimental-websocket web/test/play.mjs JOB.json [BROWSER | BROWSER-CASE...]`, where JOB.json is
// what `cargo xtask test-web` has written.
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { BROWSERS } from "./cases.mjs";
import { Host } from "./server.mjs";

/** The slowest case takes a third of it when both cores are busy with others. */
const CASE_MS = 600_000;
const CLOSE_MS = 30_000;

const [jobFile, ...chosen] = process.argv.slice(2);
const job = JSON.parse(await readFile(jobFile, "utf8"));
await rm(job.screenshots, { recursive: true, force: true });
await mkdir(job.screenshots, { recursive: true });
const begun = performance.now();
let [passed, failed] = [0, 0];

// What is timed plays alone; of the others one of each browser at a time.
const browsers = Object.entries(BROWSERS);
for (const browser of browsers.filter(([, { timed }]) => timed)) await playAll(browser);
await Promise.all(browsers.filter(([, { timed }]) => !timed).map(playAll));
const seconds = ((performance.now() - begun) / 1000).toFixed(0);
console.log(`browsers: ${passed} passed, ${failed} failed in ${seconds} s; pictures in ${job.screenshots}`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

/** The chosen cases of a browser, one after the other. */
async function playAll([kind, { program, open, cases }]) {
  const isChosen = (name) => chosen.length === 0 || chosen.includes(kind) || chosen.includes(`${kind}-${name}`);
  const names = Object.keys(cases).filter(isChosen);
  if (names.length > 0 && !job[program]) {
    console.log(`skipped ${kind}: ${program} is not there (cargo xtask web-setup)`);
    return;
  }
  for (const name of names) await play(`${kind}-${name}`, () => open(job[program]), cases[name]);
}

/** One case, in a browser and with a host of its own: what another leaves behind is not there. */
async function play(name, open, act) {
  const started = performance.now();
  const facts = [];
  let error, browser, host;
  const folder = join(job.screenshots, name);
  const screenshot = async (page, more = "") => page.screenshot({ path: `${folder}${more}.png` });
  const acted = async () => {
    host = await Host.open(job.page);
    browser = await open();
    await act({ browser, host, job, folder, screenshot, say: (fact) => facts.push(fact) });
  };
  try {
    await within(CASE_MS, acted());
    passed += 1;
  } catch (thrown) {
    failed += 1;
    error = thrown;
    const pictured = browser && within(CLOSE_MS, screenshot(browser.page));
    await pictured?.catch(() => facts.push("no picture could be taken"));
  }
  await within(CLOSE_MS, Promise.all([browser?.close(), host?.close()])).catch(({ message }) => {
    facts.push(`did not close: ${message}`);
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const head = `${error ? "FAILED" : "ok    "}  ${name} (${browser?.name ?? "no browser"}, ${seconds} s)`;
  console.log([head, ...facts, ...(error ? [error.stack] : [])].join("\n          "));
}

/** What a promise comes to, or an error after so long: a browser that hangs ends its case, not the others'. */
function within(limit_ms, promise) {
  let limit;
  const late = new Promise((_, reject) => {
    limit = setTimeout(() => reject(new Error(`not done within ${limit_ms / 1000} s`)), limit_ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(limit));
}
