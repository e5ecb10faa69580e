import assert from "node:assert/strict";
import { test } from "node:test";
import { Game } from "./game.js";
import { takes } from "./take.js";

const READY = { ready: { world: "arena", width: 112, height: 64, fps: 20 } };
const task = () => new Promise((resolve) => setTimeout(resolve));

/**
 * A page with a game that has `reported` this. An encoder is what `encode` makes of the parts of one; `hold()` keeps
 * those that are opened or closed from then on until the function that it returns is called.
 */
function page({ reported = [READY, { status: "playing" }], encode = (parts) => parts } = {}) {
  const elements = new Map();
  const made = () => Object.assign(new EventTarget(), { dataset: {}, hidden: true });
  const element = (id) => elements.get(id) ?? elements.set(id, made()).get(id);
  const listeners = {};
  globalThis.document = { getElementById: element };
  globalThis.addEventListener = (kind, listener) => (listeners[kind] = listener);
  let held = Promise.resolve();
  const hold = () => {
    let release;
    held = new Promise((resolve) => (release = resolve));
    return () => (release(), task());
  };
  const open = async () => {
    await held;
    const close = () => held.then(() => new Blob(["video"]));
    return encode({ extension: "mp4", bytes: 5, add() {}, close });
  };
  const create = () => ({ getContext: () => ({ drawImage() {} }) });
  const game = new Game();
  const said = [];
  let report;
  game.start({ play: (_options, _manifest, _weights, to) => (report = (head) => to(JSON.stringify(head))) });
  const toggle = takes({ game, canvas: {}, announce: (text) => said.push(text), openers: [open], create });
  reported.forEach(report);
  /** What the button does, once it is done. */
  const press = () => (toggle(), task());
  const frame = () => (report({ frame: { index: 0 } }), task());
  const film = async () => {
    await press();
    await frame();
    await press();
  };
  const label = () => element("record-label").textContent;
  /** Whether the browser asks before the page goes. */
  const asks = () => {
    const event = new Event("beforeunload", { cancelable: true });
    listeners.beforeunload(event);
    return event.defaultPrevented;
  };
  return { element, game, said, press, frame, film, hold, label, asks };
}

test("graphics that are lost before there is a world leave no error and nothing to save", async () => {
  const { element, game, press } = page({ reported: [] });
  // What is rejected and not caught fails the test.
  await press();
  game.lose("the WebGL context is gone");
  await task();
  assert.equal(element("take").hidden, true);
});

test("a game that ends leaves the film of what was recorded, and records no more", async () => {
  const { element, game, press, frame, hold, label, said } = page();
  await press();
  await frame();
  game.lose("a newer version was loaded in another tab");
  await task();
  assert.deepEqual([element("take").hidden, element("take-link").hidden], [false, false]);
  assert.match(said.at(-1), /^Recorded: MP4/);
  hold();
  await press();
  assert.equal(label(), "Record");
});

test("a recording that is still to begin when the game ends does not begin", async () => {
  for (const waitsForAnother of [false, true]) {
    const { game, press, hold, label, said } = page();
    if (waitsForAnother) await press();
    const before = [...said];
    const release = hold();
    if (waitsForAnother) await press();
    await press();
    game.lose("the WebGL context is gone");
    await release();
    assert.deepEqual([label(), said], ["Record", before]);
  }
});

test("that it records is said, once it does", async () => {
  const { said, press, frame, hold } = page();
  const release = hold();
  await press();
  assert.deepEqual(said, []);
  await release();
  await frame();
  await frame();
  assert.deepEqual(said, ["Recording."]);
});

test("the browser asks before a page goes that records, or whose film was not downloaded", async () => {
  const { element, press, frame, hold, asks } = page();
  assert.equal(asks(), false);
  const opened = hold();
  await press();
  assert.equal(asks(), true, "while it opens");
  await opened();
  await frame();
  assert.equal(asks(), true, "while it records");
  const closed = hold();
  await press();
  assert.equal(asks(), true, "while it closes");
  await closed();
  assert.equal(asks(), true, "while there is a film");
  element("take-link").dispatchEvent(new Event("click"));
  assert.equal(asks(), false, "once it was downloaded");
});

test("a film can be downloaded until the next one is there", async (context) => {
  const revoked = context.mock.method(URL, "revokeObjectURL");
  const { element, press, frame, film, asks } = page();
  await film();
  const first = element("take-link").href;
  element("take-link").dispatchEvent(new Event("click"));
  await press();
  await frame();
  assert.deepEqual([element("take").hidden, element("take-link").href], [false, first]);
  assert.equal(revoked.mock.callCount(), 0);
  await press();
  assert.notEqual(element("take-link").href, first);
  assert.deepEqual(revoked.mock.calls[0].arguments, [first]);
  assert.equal(asks(), true, "the second was not downloaded");
});

test("a recording that fails leaves the film before it, and says both", async (context) => {
  const revoked = context.mock.method(URL, "revokeObjectURL");
  let fails = false;
  const add = () => {
    if (fails) throw new Error("no memory");
  };
  const { element, press, frame, film, said } = page({ encode: (parts) => ({ ...parts, add }) });
  await film();
  const first = element("take-link").href;
  fails = true;
  await press();
  await frame();
  assert.deepEqual([element("take-link").hidden, element("take-link").href], [false, first]);
  assert.match(said.at(-1), /failed: no memory\. The one before can still be downloaded\.$/);
  assert.equal(element("take-text").textContent, said.at(-1));
  assert.equal(revoked.mock.callCount(), 0);
});

test("a recording that fails where there was none has no link, and the next one begins without its words", async () => {
  const add = () => {
    throw new Error("no memory");
  };
  const { element, press, frame } = page({ encode: (parts) => ({ ...parts, add }) });
  await press();
  await frame();
  assert.deepEqual([element("take").hidden, element("take-link").hidden], [false, true]);
  await press();
  assert.equal(element("take").hidden, true);
});

test("the button does what it says, while a recording opens and while it closes", async () => {
  const { press, frame, hold, label, said } = page();
  const opened = hold();
  await press();
  assert.equal(label(), "Stop");
  await press();
  await opened();
  assert.equal(label(), "Record");

  await press();
  await frame();
  const closed = hold();
  await press();
  assert.equal(label(), "Record");
  await press();
  await closed();
  assert.equal(label(), "Stop");
  assert.match(said.join(), /Recorded: MP4/);
});
