import assert from "node:assert/strict";
import { test } from "node:test";
import { Game } from "./game.js";
import { touch } from "./touch.js";

const ACTIONS = [
  { name: "forward", kind: "button" },
  { name: "yaw", kind: "axis", min: -8, max: 8 },
  { name: "pitch", kind: "axis", min: -4, max: 4 },
];

/** A finger on an element. */
const finger = (kind, x, y) => Object.assign(new Event(kind), { pointerId: 1, pointerType: "touch", x, y });

/** The controls of a world that plays; `held` is what the game was told, in order. */
function page() {
  const ring = { clientWidth: 100, getBoundingClientRect: () => ({ left: 0, top: 0, width: 100, height: 100 }) };
  const elements = new Map();
  const made = () =>
    Object.assign(new EventTarget(), {
      style: {}, firstElementChild: ring, querySelectorAll: () => [], setPointerCapture() {},
    });
  const element = (id) => elements.get(id) ?? elements.set(id, made()).get(id);
  globalThis.document = { getElementById: element };
  globalThis.matchMedia = () => Object.assign(new EventTarget(), { matches: true });
  globalThis.addEventListener = () => {};
  const held = [];
  const game = new Game();
  let report;
  const command = (text) => held.push(JSON.parse(text).hold);
  game.start({ play: (_options, _manifest, _weights, to) => (report = (head) => to(JSON.stringify(head))), command });
  touch({ game, canvas: made(), settings: { values: { sensitivity: 1 } } });
  report({ ready: { actions: ACTIONS } });
  const frame = () => report({ frame: { index: 0, action: [0, 0, 0] } });
  return { held, frame, stick: element("stick"), look: element("look") };
}

test("a stick that is moved leaves the turn of a drag: frame, then stick", () => {
  const { held, frame, stick, look } = page();
  look.dispatchEvent(finger("pointerdown", 0, 0));
  look.dispatchEvent(finger("pointermove", 8, 0));
  frame();
  stick.dispatchEvent(finger("pointerdown", 50, 10));
  assert.deepEqual(held.at(-1), { forward: 1, yaw: 2 });
});

test("a drag that has ended turns no longer than a frame, and the stick stays", () => {
  const { held, frame, stick, look } = page();
  stick.dispatchEvent(finger("pointerdown", 50, 10));
  look.dispatchEvent(finger("pointerdown", 0, 0));
  look.dispatchEvent(finger("pointermove", 8, 0));
  look.dispatchEvent(finger("pointerup", 8, 0));
  frame();
  frame();
  assert.deepEqual(held.slice(-2), [{ forward: 1, yaw: 2 }, { forward: 1 }]);
});
