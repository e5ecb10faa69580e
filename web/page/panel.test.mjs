import assert from "node:assert/strict";
import { test } from "node:test";
import { Game } from "./game.js";
import { panel } from "./panel.js";

/** An element, as text with its name around. */
const element = (name) => ({
  children: [],
  append(...content) {
    this.children.push(...content);
  },
  replaceChildren(...content) {
    this.children = content;
  },
  toString() {
    return `<${name}>${this.children.join("")}</${name}>`;
  },
});

test("the keys are those of the world that plays, and an action without one is there too", () => {
  const list = element("dl");
  globalThis.document = { createElement: element, getElementById: () => list };
  const game = new Game();
  let report;
  game.start({ play: (_options, _manifest, _weights, to) => (report = (head) => to(JSON.stringify(head))) });
  panel({ game, announce() {} });
  const shown = (...keys) => {
    report({ ready: { keys } });
    return list.toString();
  };
  assert.equal(
    shown(["walk", "W A"], ["look around", "mouse, arrows"]),
    "<dl><div><dt><kbd>W</kbd> <kbd>A</kbd> </dt><dd>walk</dd></div>" +
      "<div><dt>mouse, arrows</dt><dd>look around</dd></div></dl>",
  );
  assert.equal(shown(["fly", null]), "<dl><div><dt>no key</dt><dd>fly</dd></div></dl>");
});
