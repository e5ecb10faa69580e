import assert from "node:assert/strict";
import { test } from "node:test";
import { Game } from "./game.js";
import { takes } from "./take.js";

/** Elements by id, which keep what is set on them. */
function page() {
  const elements = new Map();
  const element = (id) => elements.get(id) ?? elements.set(id, { dataset: {}, hidden: true }).get(id);
  globalThis.document = { getElementById: element };
  return element;
}

test("graphics that are lost before there is a world leave no error and nothing to save", async () => {
  const element = page();
  const game = new Game();
  const toggle = takes({ game, canvas: {}, announce() {} });
  toggle();
  game.lose("the WebGL context is gone");
  // What is rejected and not caught fails the test.
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(element("take").hidden, true);
});
