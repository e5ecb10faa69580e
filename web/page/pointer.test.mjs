import assert from "node:assert/strict";
import { test } from "node:test";
import { Game } from "./game.js";
import { pointer } from "./pointer.js";

/** A game that plays in a page whose mouse may be captured. */
function played({ captured }) {
  const elements = new Map();
  const element = (id) => elements.get(id) ?? elements.set(id, { hidden: true, textContent: "" }).get(id);
  const canvas = { addEventListener() {}, focus() {} };
  globalThis.document = {
    getElementById: element,
    addEventListener() {},
    pointerLockElement: captured ? canvas : null,
  };
  globalThis.matchMedia = () => ({ matches: false });
  const game = new Game();
  let report;
  game.start({ play: (_options, _manifest, _weights, to) => (report = to), command() {} }, {}, null, null);
  pointer({ game, canvas, announce() {} });
  const status = (value) => {
    report(JSON.stringify({ status: value }));
    const { hidden, textContent } = element("hint");
    return hidden ? "" : textContent;
  };
  return status;
}

test("what a paused game says goes when it plays on, whether the mouse is captured or not", () => {
  for (const [captured, said] of [[true, /^$/], [false, /^Click to look around/]]) {
    const status = played({ captured });
    status("playing");
    assert.match(status("paused"), /^Paused/);
    assert.match(status("playing"), said);
    status("paused"); // ends the hint's clock
    status("failed");
  }
});
