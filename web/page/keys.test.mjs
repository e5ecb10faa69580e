import assert from "node:assert/strict";
import { test } from "node:test";
import { keys } from "./keys.js";
import { Settings } from "./settings.js";

function picture(engines) {
  const canvas = new EventTarget();
  const settings = new Settings(() => ({ getItem: () => null, setItem() {} }));
  const recorded = [];
  keys({ canvas, settings, record: () => recorded.push(true), engines: () => engines });
  const press = (code, more = {}) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { code, ...more });
    canvas.dispatchEvent(event);
    return event.defaultPrevented;
  };
  return { press, settings, recorded };
}

test("G and F change the settings, in a circle of the engines that can be had", () => {
  const { press, settings } = picture(["auto", "passes-fragment", "cpu"]);
  const seen = [1, 2, 3].map(() => press("KeyG") && settings.values.engine);
  assert.deepEqual(seen, ["passes-fragment", "cpu", "auto"]);
  press("KeyF");
  assert.equal(settings.values.smooth, false);
});

test("an engine that another browser had is left by G for one that is here", () => {
  const { press, settings } = picture(["cpu"]);
  settings.set({ engine: "passes-compute" });
  press("KeyG");
  assert.equal(settings.values.engine, "cpu");
});

test("before anything is chosen, G changes nothing", () => {
  const { press, settings } = picture([]);
  press("KeyG");
  assert.equal(settings.values.engine, "auto");
});

test("a key that is held acts once, and the browser's own keys stay its own", () => {
  const { press, recorded } = picture([]);
  assert.equal(press("F9"), true);
  assert.equal(press("F9", { repeat: true }), false);
  assert.equal(press("F9", { ctrlKey: true }), false);
  assert.equal(press("Tab"), false);
  assert.equal(press("Space"), true);
  assert.equal(recorded.length, 1);
});
