import assert from "node:assert/strict";
import { test } from "node:test";
import { DEAD_ZONE, directions, knob, turn } from "./stick.js";

const held = (x, y) =>
  Object.entries(directions(x, y, 100))
    .filter(([, value]) => value === 1)
    .map(([name]) => name)
    .join("+");

test("a resting thumb holds nothing", () => {
  assert.equal(held(0, 0), "");
  assert.equal(held(0, -100 * DEAD_ZONE), "");
});

test("eight directions, up is forward", () => {
  assert.equal(held(0, -80), "forward");
  assert.equal(held(60, -60), "forward+right");
  assert.equal(held(80, 0), "right");
  assert.equal(held(60, 60), "back+right");
  assert.equal(held(0, 80), "back");
  assert.equal(held(-80, 10), "left");
});

test("the knob stays in its ring", () => {
  assert.deepEqual(knob(30, 40, 100), [30, 40]);
  assert.deepEqual(knob(300, 400, 50), [30, 40]);
  assert.deepEqual(knob(0, 0, 50), [0, 0]);
});

const actions = [
  { name: "yaw", kind: "axis", min: -8, max: 8 },
  { name: "pitch", kind: "axis", min: -4, max: 4 },
];

test("a drag turns right and up, within what the schema allows", () => {
  assert.deepEqual(turn(8, -8, 1, actions), { yaw: 2, pitch: 2 });
  assert.deepEqual(turn(8, 0, 2, actions).yaw, 4);
  assert.deepEqual(turn(-1000, 1000, 1, actions), { yaw: -8, pitch: -4 });
  const oasis = ["cameraX", "cameraY"].map((name) => ({ name, kind: "axis", min: -8, max: 8 }));
  assert.deepEqual(turn(8, -4, 1, oasis), { cameraX: -1, cameraY: 2 });
});

test("a world without an axis is not turned", () => {
  assert.deepEqual(turn(8, 8, 1, []), {});
});
