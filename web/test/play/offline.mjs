// What the page keeps: it plays without its server, gives way to a newer version, and can be had anew.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

const WEIGHTS = "assets/worlds/arena.safetensors";
const QUERY = "?engine=cpu";

/** In the page: once its service worker is active, which it is not before it has kept everything. */
async function whenKept() {
  await navigator.serviceWorker.ready;
  let kept = 0;
  for (const name of await caches.keys()) kept += (await (await caches.open(name)).keys()).length;
  return kept;
}

/** In the page: a file that is kept becomes another. */
async function damage(path) {
  for (const name of await caches.keys()) await (await caches.open(name)).put(path, new Response("damaged"));
}

/** After one visit the page plays without its server. */
const playsOffline = ({ query = QUERY, break: breaks = () => {} }) => async ({ browser, host, say, screenshot }) => {
  breaks(host);
  const { page, game, leave } = await browser.visit(host, { query, keeps: true });
  await game.ready();
  const kept = await page.evaluate(whenKept);
  await host.close();

  const begun = performance.now();
  const again = await game.after(() => page.reload());
  await again.ready();
  await again.ask(null, "frame", { at_least: 3 });
  const seconds = (performance.now() - begun) / 1000;
  await screenshot(page);
  // The browser asks for a newer service worker, and nobody answers.
  await leave({ expected: [/sw\.js/, /ERR_CONNECTION_REFUSED/] });
  say(`${kept} files kept, playing ${seconds.toFixed(1)} s after a reload without the server`);
};

export const offline = playsOffline({});

/** A host that has the page only by its name. */
export const offlineByName = playsOffline({
  query: `index.html${QUERY}`,
  break: (host) => host.missing.add(""),
});

/** A newer version is offered while the old one plays, and is there when it was asked for. */
export async function update({ browser, host, job, say, screenshot }) {
  const { page, game, leave } = await browser.visit(host, { query: QUERY, keeps: true });
  await game.playing();
  await page.evaluate(whenKept);
  await deploy(host, job, "Second");

  const old = await game.after(() => page.reload());
  await old.playing();
  await page.locator("#newer").waitFor();
  assert.match(await page.evaluate("document.title"), /^Arena/);
  await screenshot(page);
  const newer = await old.after(() => page.locator("#newer-load").click());
  await newer.playing();
  assert.match(await page.evaluate("document.title"), /^Second/);
  assert.equal((await page.evaluate("caches.keys()")).length, 1);
  await leave();
  say("offered, taken and played");
}

/** The host has another version: the page by another title. */
async function deploy(host, { page }, title) {
  const [text, listing] = await Promise.all(
    ["index.html", "files.json"].map((file) => readFile(`${page}/${file}`, "utf8")),
  );
  const index = text.replace("<title>Arena", `<title>${title}`);
  const { files } = JSON.parse(listing);
  const sha256 = createHash("sha256").update(index).digest("hex");
  Object.assign(files.find(({ path }) => path === "index.html"), { sha256, bytes: Buffer.byteLength(index) });
  host.replaced.set("index.html", index);
  host.replaced.set("files.json", JSON.stringify({ version: title, files }));
}

/** What was kept does not play: loading the page again fetches it anew. */
export async function damaged({ browser, host, say, screenshot }) {
  const { page, game, leave } = await browser.visit(host, { query: QUERY, keeps: true });
  await game.playing();
  await page.evaluate(whenKept);
  await page.evaluate(damage, WEIGHTS);

  const broken = await game.after(() => page.reload());
  const cover = page.locator("#failure");
  await cover.waitFor();
  const text = (await cover.innerText()).replaceAll(/\s+/g, " ");
  say(text);
  assert.match(text, /could not be loaded.*arena\.safetensors/);
  await screenshot(page);
  const again = await broken.after(() => page.locator("#failure-reload").click());
  await again.playing();
  await leave({ expected: [/arena\.safetensors/] });
  say("plays after the reload that it offers");
}
