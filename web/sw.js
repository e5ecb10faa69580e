// Keeps all files of one version, so that the game plays without a connection after the first visit.
//
// The page registers `sw.js?version=V`: a new version is a new worker with a cache of its own. It waits
// until no page of the old one is open, or until the player asks for it, so that no page ever runs on
// files of two versions.

const SCOPE = new URL("./", location).href;
const VERSION = new URL(location).searchParams.get("version");
// An origin may serve several copies, each from its own folder. page/guard.js knows this name too.
const PREFIX = `bvgdm ${SCOPE} `;
const CACHE = PREFIX + VERSION;

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(dropOthers()));
addEventListener("message", ({ data }) => data === "take over" && skipWaiting());

addEventListener("fetch", (event) => {
  const { request } = event;
  const ours = request.method === "GET" && request.url.startsWith(SCOPE);
  if (!ours) return;
  // "no-store" is how the page asks what the server itself has.
  event.respondWith(request.cache === "no-store" ? askServer(request) : answer(request));
});

async function fill() {
  const listing = await fetch(new Request("files.json", { cache: "no-store" }));
  const { version, files } = await listing.clone().json();
  if (version !== VERSION) throw new Error(`the server has version ${version} now`);
  const cache = await caches.open(CACHE);
  // The page is kept by its folder's name; the worker itself is kept by the browser.
  const others = files.filter(({ path }) => !["index.html", "sw.js"].includes(path));
  await cache.addAll(others.map((file) => listed(file.path, file)));
  await cache.put("./", await fetchPage(files.find(({ path }) => path === "index.html")));
  await cache.put("files.json", listing);
}

/**
 * Asks for a file as the listing has it: a host that is changing may send files of two versions, and
 * the browser may still hold those of the one before.
 */
function listed(path, { sha256 }) {
  const bytes = sha256.match(/../g).map((digits) => parseInt(digits, 16));
  const integrity = `sha256-${btoa(String.fromCharCode(...bytes))}`;
  return new Request(path, { cache: "no-cache", integrity });
}

/** Not every host has the page at its folder's name. */
async function fetchPage(file) {
  const folder = await fetch(listed("./", file)).catch(() => null);
  const page = folder?.ok ? folder : await fetch(listed("index.html", file));
  if (!page.ok) throw new Error(`index.html: the server answers ${page.status}`);
  // As one of our own: browsers take none for a navigation that was redirected.
  return new Response(page.body, { headers: page.headers });
}

async function answer(request) {
  const url = new URL(request.url);
  const page = [SCOPE, `${SCOPE}index.html`].includes(url.origin + url.pathname);
  const cache = await caches.open(CACHE);
  const kept = await cache.match(page ? "./" : url, { ignoreSearch: true });
  return kept ?? fetch(request);
}

/** Without a connection the answer is empty, not an error: nothing is wrong then. */
async function askServer(request) {
  try {
    return await fetch(request);
  } catch {
    return new Response(null, { status: 204 });
  }
}

async function dropOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}
