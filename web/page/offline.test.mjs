import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "./failures.js";
import { Game } from "./game.js";
import { offline } from "./offline.js";

const PLAYING = [{ ready: { world: "arena" } }, { status: "playing" }];
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A page of version v1, whose server has v2; `controlled` by the worker that keeps v1; it has `reported` this. */
function page({ controlled = true, waiting = true, reported = PLAYING } = {}) {
  const elements = { newer: { hidden: true }, "newer-load": {} };
  const seen = { registered: [], posted: [], said: [], commands: [], cover: null, reloads: 0 };
  const registration = new EventTarget();
  registration.waiting = waiting ? { postMessage: (message) => seen.posted.push(message) } : null;
  const container = new EventTarget();
  container.controller = controlled ? {} : null;
  container.register = async (script) => (seen.registered.push(script), registration);
  globalThis.document = { getElementById: (id) => elements[id] };
  globalThis.location = { reload: () => (seen.reloads += 1) };
  globalThis.fetch = async () => new Response('{"version":"v2"}');
  globalThis.addEventListener = () => {};
  const game = new Game();
  let report;
  const command = (text) => seen.commands.push(JSON.parse(text));
  game.start({ play: (_options, _manifest, _weights, to) => (report = (head) => to(JSON.stringify(head))), command });
  const failure = {
    shown: () => {},
    show: (kind) => (seen.cover = kind),
    hide: () => (seen.cover = null),
  };
  const canvas = { addEventListener() {}, focus() {} };
  const announce = (text) => seen.said.push(text);
  failures({ game, canvas, failure, announce });
  offline({ game, failure, announce, container });
  reported.forEach(report);
  return { ...seen, seen, elements, failure, container, registration, game, report };
}

test("a version that fails asks for a newer one, which is offered and announced once", async () => {
  const { failure, elements, registered, said } = page({ reported: [] });
  failure.shown();
  failure.shown();
  await soon();
  assert.deepEqual(registered, ["sw.js?version=v2", "sw.js?version=v2"]);
  assert.equal(elements.newer.hidden, false);
  assert.equal(said.length, 1);
  assert.match(said[0], /newer version/);
});

test("a page that is not kept does not fetch everything because it fails", async () => {
  const { failure, registered } = page({ controlled: false });
  failure.shown();
  await soon();
  assert.deepEqual(registered, []);
});

test("a version that is still on its way when the page asks is offered once it is there", async () => {
  const { failure, elements, registration } = page({ waiting: false });
  const installing = (registration.installing = new EventTarget());
  failure.shown();
  await soon();
  assert.equal(elements.newer.hidden, true);
  registration.waiting = installing;
  installing.dispatchEvent(new Event("statechange"));
  assert.equal(elements.newer.hidden, false);
});

test("the tab that takes the newer version is loaded again", async () => {
  const { failure, elements, container, posted, seen } = page();
  failure.shown();
  await soon();
  elements["newer-load"].onclick();
  assert.deepEqual(posted, ["take over"]);
  container.dispatchEvent(new Event("controllerchange"));
  assert.equal(seen.reloads, 1);
});

test("the tab that takes the newer version does not play on where it is kept for a film", async () => {
  const { failure, elements, container, game } = page();
  failure.shown();
  await soon();
  elements["newer-load"].onclick();
  container.dispatchEvent(new Event("controllerchange"));
  assert.equal(game.state, "lost");
});

test("another tab that plays does not go on with files of two versions, and is told", () => {
  const { container, seen, game, report } = page();
  container.dispatchEvent(new Event("controllerchange"));
  assert.deepEqual([seen.commands, seen.cover, seen.reloads], [["pause"], "replaced", 0]);
  assert.match(seen.said.join(), /another tab/);
  game.command("resume");
  report({ status: "paused" });
  report({ status: "playing" });
  assert.deepEqual([game.state, seen.commands, seen.cover], ["lost", ["pause"], "replaced"]);
});

test("another tab that is still loading begins again with the newer version", () => {
  const { container, seen } = page({ reported: [] });
  container.dispatchEvent(new Event("controllerchange"));
  assert.deepEqual([seen.reloads, seen.cover], [1, null]);
});

test("another tab that has played and loads another engine is not loaded again unasked", () => {
  const { container, seen } = page({ reported: [...PLAYING, { status: "loading" }] });
  container.dispatchEvent(new Event("controllerchange"));
  assert.deepEqual([seen.reloads, seen.cover], [0, "replaced"]);
});
