import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "./failure.js";
import { failures } from "./failures.js";
import { Game } from "./game.js";

/** A page whose game has reported that it is ready; `done` is what was done to it, in order. */
function page() {
  const elements = new Map();
  const element = (id) => elements.get(id) ?? elements.set(id, made()).get(id);
  const made = () => Object.assign(new EventTarget(), { dataset: {}, hidden: true, focus() {} });
  globalThis.document = { getElementById: element };
  globalThis.addEventListener = () => {};
  const done = [];
  const canvas = Object.assign(new EventTarget(), { focus: () => done.push("the picture has the focus") });
  const game = new Game();
  const failure = new Failure();
  let report;
  const command = (text) => done.push(JSON.parse(text));
  game.start({ play: (_options, _manifest, _weights, to) => (report = (head) => to(JSON.stringify(head))), command });
  failures({ game, canvas, failure, announce() {} });
  report({ ready: { world: "arena" } });
  return { element, canvas, game, failure, report, done };
}

test("who tries again has the picture's keys, also if the world plays at once", () => {
  const { element, report, done } = page();
  report({ failed: { reason: "numbers that are none" } });
  assert.equal(element("failure").hidden, false);
  element("failure-again").dispatchEvent(new Event("click"));
  report({ status: "playing" });
  assert.equal(element("failure").hidden, true);
  assert.deepEqual(done, ["the picture has the focus", { reset: {} }]);
});

test("a world that plays again by itself gives the picture its keys", () => {
  const { element, report, done } = page();
  report({ failed: { reason: "the device is gone" } });
  report({ status: "playing" });
  assert.equal(element("failure").hidden, true);
  assert.deepEqual(done, ["the picture has the focus"]);
});

test("the picture of a game that has ended takes no keys", () => {
  const { canvas, game } = page();
  game.lose("the WebGL context is gone");
  assert.equal(canvas.inert, true);
});

test("a file that did not come can be asked for again, and the page be loaded anew", () => {
  const { element, failure } = page();
  const done = [];
  globalThis.loadAnew = () => done.push("loaded anew");
  failure.show("network", "webgl2/neural_game.js: 404", () => done.push("asked again"));
  assert.deepEqual(["again", "reload", "other"].map((way) => element(`failure-${way}`).hidden), [false, false, true]);
  element("failure-reload").onclick();
  element("failure-again").dispatchEvent(new Event("click"));
  assert.deepEqual(done, ["loaded anew", "asked again"]);
});
