import assert from "node:assert/strict";
import { test } from "node:test";
import { Game } from "./game.js";
import { offline } from "./offline.js";

const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A page of version v1, whose server has v2; `controlled` by the worker that keeps v1. */
function page({ controlled = true, waiting = true, state = "playing" } = {}) {
  const elements = { newer: { hidden: true }, "newer-load": {} };
  const seen = { registered: [], posted: [], said: [], shown: [], commands: [], reloads: 0 };
  const registration = new EventTarget();
  registration.waiting = waiting ? { postMessage: (message) => seen.posted.push(message) } : null;
  const container = new EventTarget();
  container.controller = controlled ? {} : null;
  container.register = async (script) => (seen.registered.push(script), registration);
  globalThis.document = { getElementById: (id) => elements[id] };
  globalThis.location = { reload: () => (seen.reloads += 1) };
  globalThis.fetch = async () => new Response('{"version":"v2"}');
  const game = new Game();
  game.state = state;
  game.command = (command) => seen.commands.push(command);
  const failure = { shown: () => {}, show: (kind) => seen.shown.push(kind) };
  offline({ game, failure, announce: (text) => seen.said.push(text), container });
  return { ...seen, seen, elements, failure, container, registration };
}

test("a version that fails asks for a newer one, which is offered and announced once", async () => {
  const { failure, elements, registered, said } = page({ state: "loading" });
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

test("another tab that plays does not go on with files of two versions, and is told", () => {
  const { container, seen } = page();
  container.dispatchEvent(new Event("controllerchange"));
  assert.deepEqual([seen.commands, seen.shown, seen.reloads], [["pause"], ["replaced"], 0]);
  assert.match(seen.said[0], /another tab/);
});

test("another tab that is still loading begins again with the newer version", () => {
  const { container, seen } = page({ state: "loading" });
  container.dispatchEvent(new Event("controllerchange"));
  assert.equal(seen.reloads, 1);
});
