import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import vm from "node:vm";

const HERE = "https://host/games/arena/";
const source = await readFile(new URL("../sw.js", import.meta.url), "utf8");

/** A service worker in a world of its own: `server` maps addresses to texts, null is no connection. */
function worker({ server, version = "v2", caches = new Map() }) {
  const listeners = {};
  const full = (request) => new URL(request.url ?? request, HERE).href;
  const fetch = async (request) => {
    if (!server.files) throw new TypeError("no connection");
    const text = server.files[full(request)];
    return new Response(text ?? "", { status: text === undefined ? 404 : 200 });
  };
  const cacheOf = (entries) => ({
    addAll: async (requests) => {
      for (const request of requests) entries.set(full(request), await fetch(request));
    },
    put: async (request, response) => void entries.set(full(request), response),
    match: async (request, { ignoreSearch } = {}) => {
      const url = new URL(full(request));
      if (ignoreSearch) url.search = "";
      return entries.get(url.href)?.clone();
    },
  });
  const storage = {
    open: async (name) => cacheOf(caches.get(name) ?? caches.set(name, new Map()).get(name)),
    keys: async () => [...caches.keys()],
    delete: async (name) => caches.delete(name),
  };
  vm.runInNewContext(source, {
    location: `${HERE}sw.js?version=${version}`,
    caches: storage,
    fetch,
    URL,
    Response,
    Request: class {
      constructor(path) {
        this.url = new URL(path, HERE).href;
      }
    },
    addEventListener: (kind, listener) => (listeners[kind] = listener),
  });
  const wait = async (kind) => {
    let work;
    listeners[kind]({ waitUntil: (promise) => (work = promise) });
    await work;
  };
  const ask = async (path, more = {}) => {
    let answer;
    const request = { url: new URL(path, HERE).href, method: "GET", cache: "default", ...more };
    listeners.fetch({ request, respondWith: (promise) => (answer = promise) });
    return answer;
  };
  return { wait, ask, caches };
}

const listing = JSON.stringify({
  version: "v2",
  files: ["index.html", "sw.js", "files.json", "page/main.js"].map((path) => ({ path, bytes: 1 })),
});
const files = { [HERE]: "page", [`${HERE}files.json`]: listing, [`${HERE}page/main.js`]: "main" };

test("what was installed is served without a connection, whatever the query", async () => {
  const server = { files };
  const { wait, ask } = worker({ server });
  await wait("install");
  server.files = null;
  assert.equal(await (await ask("")).text(), "page");
  assert.equal(await (await ask("?engine=cpu")).text(), "page");
  assert.equal(await (await ask("index.html")).text(), "page");
  assert.equal(await (await ask("page/main.js")).text(), "main");
  assert.equal(await (await ask("files.json")).text(), listing);
});

test("what the server has now is asked past the cache, and no connection is no error", async () => {
  const server = { files };
  const { wait, ask } = worker({ server });
  await wait("install");
  server.files = { ...files, [`${HERE}files.json`]: "newer" };
  assert.equal(await (await ask("files.json", { cache: "no-store" })).text(), "newer");
  server.files = null;
  assert.equal((await ask("files.json", { cache: "no-store" })).status, 204);
});

test("a server that has moved on is not mixed in", async () => {
  const { wait } = worker({ server: { files }, version: "v1" });
  await assert.rejects(wait("install"), /version v2/);
});

test("old versions go, other copies on the same origin stay", async () => {
  const caches = new Map([[`bvgdm ${HERE} v1`, new Map()], ["bvgdm https://host/other/ v1", new Map()]]);
  const { wait } = worker({ server: { files }, caches });
  await wait("install");
  await wait("activate");
  assert.deepEqual([...caches.keys()], ["bvgdm https://host/other/ v1", `bvgdm ${HERE} v2`]);
});

test("other folders and methods are left alone", async () => {
  const { ask } = worker({ server: { files } });
  assert.equal(await ask("/elsewhere/"), undefined);
  assert.equal(await ask("page/main.js", { method: "POST" }), undefined);
});
