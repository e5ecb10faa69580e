import assert from "node:assert/strict";
import { test } from "node:test";
import { Game } from "./game.js";

function started() {
  const game = new Game();
  const sent = [];
  let report;
  const bundle = {
    play: (_options, _manifest, _weights, to) => {
      report = (head, body) => to(JSON.stringify(head), body);
    },
    command: (text) => {
      if (text.includes("nonsense")) throw "unknown command";
      sent.push(JSON.parse(text));
    },
  };
  game.start(bundle, {}, new Uint8Array(), new Uint8Array());
  return { game, report, sent };
}

test("reports reach those who listen, until they stop", () => {
  const { game, report } = started();
  const heard = [];
  const stop = game.on("frame", ({ value, body }) => heard.push([value.index, body]));
  report({ frame: { index: 1 } });
  stop();
  report({ frame: { index: 2 } });
  assert.deepEqual(heard, [[1, undefined]]);
  assert.equal(game.latest.frame.index, 2);
});

test("a script can wait for a report", async () => {
  const { game, report } = started();
  const third = game.once("frame", ({ value }) => value.index === 3);
  for (const index of [1, 2, 3, 4]) report({ frame: { index } });
  report({ ready: { world: "arena" } });
  assert.equal((await third).value.index, 3);
  assert.equal((await game.ready).world, "arena");
});

test("a listener that throws keeps nobody else from hearing, and the console says why", (context) => {
  const told = context.mock.method(console, "error", () => {});
  const { game, report } = started();
  const heard = [];
  game.on("frame", () => {
    throw new Error("a slip of the page");
  });
  game.on("frame", ({ value }) => heard.push(value.index));
  game.on("*", ({ kind }) => heard.push(kind));
  report({ frame: { index: 1 } });
  assert.deepEqual(heard, [1, "frame", "state"]);
  assert.equal(game.state, "playing");
  assert.match(told.mock.calls[0].arguments[0].message, /a slip of the page/);
});

test("the state follows the reports", () => {
  const { game, report } = started();
  const states = [];
  game.on("state", ({ value }) => states.push(value));
  report({ ready: {} });
  report({ status: "playing" });
  report({ frame: { index: 0 } });
  report({ status: "paused" });
  report({ frame: { index: 1 } });
  report({ failed: { reason: "why" } });
  report({ status: "playing" });
  report({ lost: { reason: "gone" } });
  report({ status: "playing" });
  assert.deepEqual(states, ["ready", "playing", "paused", "failed", "playing", "lost"]);
});

test("a world that plays before it is paused by nobody is playing", () => {
  const { game, report } = started();
  report({ frame: { index: 0 } });
  assert.equal(game.state, "playing");
});

test("commands go to the bundle, and its refusals are errors", () => {
  const { game, sent } = started();
  game.command({ reset: { seed: 7 } });
  game.command("pause");
  assert.deepEqual(sent, [{ reset: { seed: 7 } }, "pause"]);
  assert.throws(() => game.command("nonsense"), new Error("unknown command"));
});

test("before there is a bundle, a command is dropped", () => {
  new Game().command("pause");
});

test("after the end, a command is dropped", () => {
  const { game, sent } = started();
  game.lose("context");
  game.command("resume");
  assert.deepEqual(sent, []);
});

test("an end that the page saw is told once", () => {
  const { game } = started();
  const heard = [];
  game.on("lost", ({ value }) => heard.push(value.reason));
  game.lose("context");
  game.lose("again");
  assert.deepEqual(heard, ["context"]);
});
