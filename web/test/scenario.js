// What the worker is tested with, the same in a page and in Node.
import { Supervisor } from "../../crates/bvgdm_engine/src/web/supervisor.js";

const text = new TextEncoder();

/** A supervisor whose answers can be waited for. */
export class Client {
  #answers = [];
  #waiting = [];
  notices = [];

  constructor({ spawn, world }) {
    this.supervisor = new Supervisor({
      spawn,
      world,
      report: (head, body) => this.#take([JSON.parse(head), body]),
      notice: (notice) => this.notices.push(notice),
    });
  }

  #take(answer) {
    const next = this.#waiting.shift();
    next ? next(answer) : this.#answers.push(answer);
  }

  /** The next report: its kind, its content, its body. */
  async next() {
    const ready = this.#answers.shift();
    const [head, body] = ready ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
    const [[kind, content]] = Object.entries(head);
    return { kind, content, body };
  }

  /** Sends a request and waits for its report. */
  ask(request, body) {
    this.supervisor.send(JSON.stringify(request), body);
    return this.next();
  }
}

/** Draws frames as a player would, and says what each took from request to report. */
export async function draw({ spawn, world, actions, seed }) {
  const begun = performance.now();
  const client = new Client({ spawn, world });
  const loaded = expect(await client.next(), "loaded");
  const load_ms = performance.now() - begun;
  let { body } = expect(await client.ask({ reset: { seed } }), "frame");
  const pictures = [new Uint8Array(body)];
  const round_ms = [];
  const denoise_ms = [];
  const decode_ms = [];
  for (const [index, action] of actions.entries()) {
    const sent = performance.now();
    const report = expect(await client.ask({ step: { action } }), "frame");
    round_ms.push(performance.now() - sent);
    denoise_ms.push(report.content.timings.denoise_ms);
    decode_ms.push(report.content.timings.decode_ms);
    if (report.content.index !== index + 1) throw new Error(`frame ${report.content.index}`);
    pictures.push(new Uint8Array(report.body));
  }
  client.supervisor.close();
  return { load_ms, worker_load_ms: loaded.content.load_ms, round_ms, denoise_ms, decode_ms, pictures };
}

/** What must be refused, and what must be survived. Resolves to the names of what was checked. */
export async function mishaps({ spawn, world, seed, steps }) {
  const flipped = async () => {
    const [manifest, weights] = await world();
    new Uint8Array(weights)[weights.byteLength - 1] ^= 1;
    return [manifest, weights];
  };
  const short = async () => {
    const [manifest, weights] = await world();
    return [manifest, weights.slice(0, 1000)];
  };
  await refused({ spawn, world: flipped }, /expected SHA-256/);
  await refused({ spawn, world: short }, /expected bytes/);
  await refused({ spawn, world: async () => ["(version: 1)", text.encode("x").buffer] }, /manifest/);

  let worker;
  const remember = () => (worker = spawn());
  const client = new Client({ spawn: remember, world });
  expect(await client.next(), "loaded");
  for (const [request, reason] of [
    [{ step: { action: steps[0] } }, /has not begun/],
    [{ step: { action: [1] } }, /action/],
    [{ dance: {} }, /no valid request/],
  ]) {
    const { content } = expect(await client.ask(request), "failed");
    if (!reason.test(content.reason)) throw new Error(`${JSON.stringify(request)}: ${content.reason}`);
  }
  const first = expect(await client.ask({ reset: { seed } }), "frame");
  expect(await client.ask({ step: { action: steps[0] } }), "frame");
  // The same first frame again, from the worker that takes the place of one that has died.
  worker.onerror(new ErrorEvent("error", { message: "a test" }));
  const again = expect(await client.ask({ reset: { seed } }), "frame");
  if (client.notices.length !== 1 || !same(first.body, again.body)) throw new Error("restart");
  client.supervisor.close();
  return ["checksum", "size", "manifest", "requests", "restart"];
}

async function refused(parts, reason) {
  const client = new Client(parts);
  const { content } = expect(await client.next(), "failed");
  client.supervisor.close();
  if (!reason.test(content.reason)) throw new Error(`expected ${reason}, found ${content.reason}`);
}

function expect(report, kind) {
  if (report.kind !== kind) {
    throw new Error(`expected ${kind}, found ${report.kind}: ${JSON.stringify(report.content)}`);
  }
  return report;
}

function same(a, b) {
  const [x, y] = [new Uint8Array(a), new Uint8Array(b)];
  return x.length === y.length && x.every((byte, i) => byte === y[i]);
}
