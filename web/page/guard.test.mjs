import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import vm from "node:vm";

const HERE = "https://host/games/arena/";
const source = await readFile(new URL("./guard.js", import.meta.url), "utf8");

/** The guard in a page of its own; `server()` answers for files.json. */
function page({ begun = null, server, names = [], scope = HERE, serviceWorker = true } = {}) {
  const elements = {};
  const listeners = {};
  const done = [];
  const element = (id) => (elements[id] ??= { hidden: id !== "loading", focus() {}, getAttribute: () => begun });
  const registration = { scope, unregister: async () => done.push("unregistered") };
  const window = {};
  let reloaded;
  let tooLate;
  const reload = new Promise((resolve) => (reloaded = resolve));
  vm.runInNewContext(source, {
    window,
    document: { getElementById: element },
    navigator: serviceWorker ? { serviceWorker: { getRegistration: async () => registration } } : {},
    caches: { keys: async () => names, delete: async (name) => done.push(name) },
    fetch: async () => server(),
    location: { href: `${HERE}?engine=cpu`, reload: () => reloaded() },
    URL,
    Promise,
    clearTimeout: () => {},
    setTimeout: (late) => (tooLate = late),
    addEventListener: (kind, listener) => (listeners[kind] = listener),
    removeEventListener: () => {},
  });
  const loadAnew = async () => {
    window.loadAnew();
    await reload;
    return done;
  };
  return { elements, listeners, loadAnew, wait: () => tooLate() };
}

test("a module that does not come is told of, with a way out", () => {
  const { elements, listeners } = page();
  listeners.error({ target: { tagName: "SCRIPT", getAttribute: () => "page/main.js" } });
  listeners.load();
  assert.equal(elements.loading.hidden, true);
  assert.equal(elements.failure.hidden, false);
  assert.match(elements["failure-reason"].textContent, /page\/main\.js did not come/);
  assert.equal(typeof elements["failure-reload"].onclick, "function");
});

test("a module that the browser cannot read is told of by its error", () => {
  const { elements, listeners } = page();
  listeners.error({ target: {}, message: "SyntaxError: unexpected #" });
  listeners.error({ target: { tagName: "IMG" } });
  listeners.load();
  assert.equal(elements["failure-reason"].textContent, "SyntaxError: unexpected #");
});

test("a page that has begun is left alone", () => {
  const { elements, listeners } = page({ begun: "true" });
  listeners.load();
  assert.equal(elements.failure, undefined);
});

test("it is written in what browsers without modules read", () => {
  assert.doesNotMatch(source.replace(/\/\/.*|\/\*\*.*\*\//g, ""), /=>|`|\b(const|let|class|async|await)\b|\?\./);
});

const names = [`bvgdm ${HERE} v1`, `bvgdm ${HERE} v2`, "bvgdm https://host/other/ v1", "theirs"];

test("what is kept is dropped before the page is loaded anew, and only that", async () => {
  const { loadAnew } = page({ names, server: () => new Response('{"version":"v3"}') });
  assert.deepEqual(await loadAnew(), [names[0], names[1], "unregistered"]);
});

test("a worker of a folder above is left alone", async () => {
  const { loadAnew } = page({ scope: "https://host/", server: () => new Response("{}") });
  assert.deepEqual(await loadAnew(), []);
});

test("without a connection the page is loaded again from what is kept", async () => {
  const lost = () => Promise.reject(new TypeError("no connection"));
  const empty = () => new Response(null, { status: 204 });
  for (const server of [lost, empty]) assert.deepEqual(await page({ names, server }).loadAnew(), []);
  assert.deepEqual(await page({ serviceWorker: false }).loadAnew(), []);
});

test("a server that does not answer is not waited for", async () => {
  const { loadAnew, wait } = page({ names, server: () => new Promise(() => {}) });
  const loaded = loadAnew();
  wait();
  assert.deepEqual(await loaded, []);
});
