// What the supervisor does when a worker dies: `node --test web/test/supervisor.test.mjs`.
import assert from "node:assert/strict";
import test, { after } from "node:test";

import { Supervisor, supervise } from "../../crates/bvgdm_engine/src/web/supervisor.js";

const RESET = '{"reset":{"seed":7}}';
const NOTHING = new ArrayBuffer(0);
const STEP = '{"step":{"action":[1]}}';

/** A message's name: it has a content, or is the name alone. */
const kind = (message) => (typeof message === "string" ? message : Object.keys(message)[0]);

/** Workers that record what they are sent, as it comes to another thread, and say what the test lets them say. */
function stage({ world, patience_ms } = {}) {
  const workers = [];
  const reports = [];
  const notices = [];
  const supervisor = new Supervisor({
    spawn: () => {
      const worker = {
        sent: [],
        bodies: [],
        ended: false,
        postMessage(message, transfer) {
          const [head, body] = structuredClone(message, { transfer });
          worker.sent.push(kind(JSON.parse(head)));
          worker.bodies.push([...new Uint8Array(body)]);
        },
        terminate: () => (worker.ended = true),
        say: (head) => worker.onmessage({ data: [JSON.stringify(head), NOTHING] }),
        die: (message) => worker.onerror({ message }),
      };
      workers.push(worker);
      return worker;
    },
    world: world ?? (async () => ["(manifest)", new ArrayBuffer(4)]),
    report: (head) => reports.push(JSON.parse(head)),
    notice: (text) => notices.push(text),
    patience_ms,
  });
  after(() => supervisor.close());
  return { supervisor, workers, reports, notices };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Loaded, begun, and a step under way. */
async function playing(parts) {
  const all = stage(parts);
  await turn();
  const [worker] = all.workers;
  worker.say({ loaded: {} });
  all.supervisor.send(RESET);
  worker.say({ frame: { index: 0 } });
  all.supervisor.send(STEP);
  return all;
}

test("requests wait for the world", async () => {
  const { supervisor, workers } = stage();
  supervisor.send(RESET);
  supervisor.send(STEP);
  assert.deepEqual(workers[0].sent, []);
  await turn();
  assert.deepEqual(workers[0].sent, ["load", "reset", "step"]);
});

test("after a death the roll-out begins again, and frame 0 answers the step", async () => {
  const { workers, reports, notices } = await playing();
  workers[0].die("out of memory");
  await turn();
  assert.equal(workers[0].ended, true);
  assert.match(notices[0], /started again: out of memory/);
  assert.deepEqual(workers[1].sent, ["load", "reset"]);
  workers[1].say({ loaded: {} });
  workers[1].say({ frame: { index: 0 } });
  const kinds = reports.map((report) => Object.keys(report)[0]);
  assert.deepEqual(kinds, ["loaded", "frame", "frame"], "the second load is not told");
});

test("a roll-out that came from another engine begins again where that one stood", async () => {
  const { supervisor, workers } = await playing();
  workers[0].say({ frame: { index: 1 } });
  supervisor.send('{"resume":{"seed":7,"frames":5,"pending":[0]}}', new ArrayBuffer(8));
  workers[0].say({ frame: { index: 4 } });
  supervisor.send(STEP);
  workers[0].die("out of memory");
  await turn();
  assert.deepEqual(workers[1].sent, ["load", "resume"]);
});

test("weights are handed over, not copied, and what a roll-out begins with is there for a second worker", async () => {
  const weights = [new Uint8Array([1, 2]).buffer, new Uint8Array([3, 4]).buffer];
  const given = [...weights];
  const { supervisor, workers } = stage({ world: async () => ["(manifest)", given.shift()] });
  const memory = new Uint8Array([5, 6, 7]).buffer;
  supervisor.send('{"resume":{"seed":7,"frames":5,"pending":[0]}}', memory);
  await turn();
  assert.deepEqual(workers[0].bodies, [[1, 2], [5, 6, 7]]);
  workers[0].die("out of memory");
  await turn();
  assert.deepEqual(workers[1].bodies, [[3, 4], [5, 6, 7]]);
  assert.deepEqual(weights.map(({ byteLength }) => byteLength), [0, 0]);
});

test("a death between two steps answers nothing that was not asked", async () => {
  const { supervisor, workers, reports } = await playing();
  workers[0].say({ frame: { index: 1 } });
  workers[0].die("");
  await turn();
  workers[1].say({ loaded: {} });
  workers[1].say({ frame: { index: 0 } });
  assert.equal(reports.length, 3);
  supervisor.send(STEP);
  workers[1].say({ frame: { index: 1 } });
  assert.equal(reports.length, 4);
});

test("after a death another engine still learns where to go on", async () => {
  const { supervisor, workers, reports } = await playing();
  workers[0].say({ frame: { index: 1 } });
  supervisor.send('"leave"');
  workers[0].die("out of memory");
  await turn();
  assert.deepEqual(workers[1].sent, ["load", "reset", "leave"]);
  workers[1].say({ loaded: {} });
  workers[1].say({ frame: { index: 0 } });
  workers[1].say({ left: {} });
  const kinds = reports.slice(3).map((report) => Object.keys(report)[0]);
  assert.deepEqual(kinds, ["left"], "nobody asked for the frame");
});

test("the second death is reported, and so is every request after it", async () => {
  const { supervisor, workers, reports } = await playing();
  workers[0].die("first");
  await turn();
  workers[1].die("second");
  await turn();
  assert.equal(workers.length, 2);
  assert.match(reports.at(-1).failed.reason, /stopped twice: second/);
  const before = reports.length;
  supervisor.send(STEP);
  assert.match(reports[before].failed.reason, /stopped twice/);
});

test("a death while the world is loaded loads it again", async () => {
  const { supervisor, workers, reports } = stage();
  supervisor.send(RESET);
  await turn();
  workers[0].die("no memory");
  await turn();
  assert.deepEqual(workers[1].sent, ["load", "reset"]);
  workers[1].say({ loaded: {} });
  workers[1].say({ frame: { index: 0 } });
  assert.equal(reports.length, 2);
});

test("silence is a death", async () => {
  const { workers, notices } = await playing({ patience_ms: 20 });
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.ok(workers.length >= 2);
  assert.match(notices[0], /did not answer/);
});

test("a late message of a dead worker is not heard", async () => {
  const { workers, reports } = await playing();
  workers[0].die("");
  workers[0].say({ frame: { index: 1 } });
  assert.equal(reports.length, 2);
});

test("a world that cannot be read is reported, without a restart", async () => {
  const world = () => Promise.reject(new Error("404"));
  const { workers, reports } = stage({ world });
  await turn();
  assert.equal(workers.length, 1);
  assert.match(reports[0].failed.reason, /could not be read: 404/);
});

test("what the worker itself reports as failed is no death", async () => {
  const { workers, reports } = await playing();
  workers[0].say({ failed: { reason: "no such action" } });
  assert.equal(workers.length, 1);
  assert.equal(reports.at(-1).failed.reason, "no such action");
});

/** A worker that a page would make, and what was reported. */
async function supervised() {
  const reports = [];
  let worker;
  globalThis.Worker = class extends EventTarget {
    constructor() {
      super();
      worker = this;
    }
    postMessage() {}
    terminate() {}
    say(head, bytes) {
      const message = Object.assign(new Event("message"), { data: [JSON.stringify(head), NOTHING, bytes] });
      this.dispatchEvent(message);
      this.onmessage(message);
    }
  };
  const report = (head) => reports.push(JSON.parse(head));
  const supervisor = supervise("worker/worker.js", "(manifest)", () => NOTHING, report);
  after(() => supervisor.close());
  await turn();
  return { reports, worker: () => worker };
}

test("a script that is not there is named", async () => {
  const { reports, worker } = await supervised();
  for (const _ of ["started", "again"]) {
    // Browsers say no more of it than that.
    worker().onerror({});
    await turn();
  }
  assert.match(reports.at(-1).failed.reason, /worker\/worker\.js could not be run/);
});

test("the page can see how much memory the worker has", async () => {
  const { worker } = await supervised();
  worker().say({ loaded: {} }, 1000);
  worker().say({ frame: { index: 0 } }, 2000);
  worker().say({ frame: { index: 1 } }, 2000);
  const marks = performance.getEntriesByName("bvgdm worker bytes");
  assert.deepEqual(marks.map(({ detail }) => detail), [1000, 2000]);
});
