import assert from "node:assert/strict";
import { createHash } from "node:crypto";
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
    const response = new Response(text ?? "", { status: text === undefined ? 404 : 200 });
    const isWhole = !request.integrity || request.integrity === `sha256-${sha256(text ?? "", "base64")}`;
    if (!isWhole) throw new TypeError(`${full(request)}: not the bytes that were asked for`);
    if (server.redirects) Object.defineProperty(response, "redirected", { value: true });
    return response;
  };
  const cacheOf = (entries) => ({
    addAll: async (requests) => {
      const responses = await Promise.all(requests.map(fetch));
      if (!responses.every(({ ok }) => ok)) throw new TypeError("a file is not there");
      requests.forEach((request, at) => entries.set(full(request), responses[at]));
    },
    put: async (request, response) => void entries.set(full(request), response),
    match: async (request, { ignoreSearch } = {}) => {
      const url = new URL(full(request));
      if (ignoreSearch) url.search = "";
      const found = entries.get(url.href);
      const copy = found?.clone();
      if (found?.redirected) Object.defineProperty(copy, "redirected", { value: true });
      return copy;
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
    btoa,
    Request: class {
      constructor(path, { integrity }) {
        Object.assign(this, { url: new URL(path, HERE).href, integrity });
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

function sha256(text, as = "hex") {
  return createHash("sha256").update(text).digest(as);
}

const texts = { "index.html": "page", "sw.js": "worker", "page/main.js": "main" };
const listing = JSON.stringify({
  version: "v2",
  files: Object.entries(texts).map(([path, text]) => ({ path, bytes: text.length, sha256: sha256(text) })),
});
const files = { [HERE]: "page", [`${HERE}files.json`]: listing };
for (const [path, text] of Object.entries(texts)) files[HERE + path] = text;

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

test("a host that changes while it is asked is not kept: neither its files nor its page", async () => {
  for (const path of ["", "page/main.js"]) {
    const server = { files: { ...files, [HERE + path]: "of the next version" } };
    if (path === "") server.files[`${HERE}index.html`] = "of the next version";
    await assert.rejects(worker({ server }).wait("install"), /not the bytes/);
  }
});

test("a file that is not there is not kept as if it were", async () => {
  const server = { files: { ...files, [`${HERE}page/main.js`]: undefined } };
  await assert.rejects(worker({ server }).wait("install"));
});

test("a host whose folder has no page, or another one, is kept by the page's name", async () => {
  for (const folder of [undefined, "a list of files"]) {
    const server = { files: { ...files, [HERE]: folder } };
    const { wait, ask } = worker({ server });
    await wait("install");
    server.files = null;
    assert.equal(await (await ask("index.html")).text(), "page");
    assert.equal(await (await ask("")).text(), "page");
  }
});

test("a page that the host sends its asker on for is kept as one that browsers take", async () => {
  const { wait, ask } = worker({ server: { files, redirects: true } });
  await wait("install");
  assert.equal((await ask("")).redirected, false);
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
