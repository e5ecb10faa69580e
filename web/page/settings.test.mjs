import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULTS, Settings, parse } from "./settings.js";

const storage = (start = {}) => {
  const values = new Map(Object.entries(start));
  return { getItem: (key) => values.get(key) ?? null, setItem: (key, text) => values.set(key, text) };
};

test("what is stored comes back", () => {
  const store = storage();
  new Settings(() => store).set({ engine: "cpu", steps: 3, sensitivity: 1.5, smooth: false });
  assert.deepEqual(new Settings(() => store).values, {
    engine: "cpu",
    steps: 3,
    sensitivity: 1.5,
    smooth: false,
  });
});

test("an engine that was stored under its earlier name is that engine", () => {
  const engine = (name) => parse(JSON.stringify({ version: 1, engine: name })).engine;
  assert.deepEqual(["webgpu", "webgl2", "cpu"].map(engine), ["passes-compute", "passes-fragment", "cpu"]);
});

test("what is not valid is the default, field by field", () => {
  const stored = { version: 1, engine: "quantum", steps: 9, sensitivity: "fast", smooth: false, more: 1 };
  assert.deepEqual(parse(JSON.stringify(stored)), { ...DEFAULTS, smooth: false });
});

test("nonsense and other versions are the defaults", () => {
  for (const text of ["", "null", "[]", "{", '{"version":2,"engine":"cpu"}', null]) {
    assert.deepEqual(parse(text), { ...DEFAULTS });
  }
});

test("a value that is not valid changes nothing", () => {
  const settings = new Settings(() => storage());
  settings.set({ steps: 0, engine: "cpu", unknown: 1 });
  assert.deepEqual(settings.values, { ...DEFAULTS, engine: "cpu" });
});

test("denied storage leaves settings for as long as the page lasts", () => {
  const settings = new Settings(() => {
    throw new Error("denied");
  });
  settings.set({ steps: 4 });
  assert.equal(settings.values.steps, 4);
});

test("listeners hear what has changed and nothing else", () => {
  const settings = new Settings(() => storage());
  const heard = [];
  settings.changed((values, changed) => heard.push([values.steps, changed]));
  settings.set({ steps: 2, smooth: true });
  assert.deepEqual(heard, [[2, { steps: 2 }]]);
});
