// Keeps a worker playing one world: starts it, gives it the world, starts it again when it dies.
//
// A message is `[head, body]`: the JSON text of a request or report of crates/bvgdm_worker, and an
// ArrayBuffer; with a report comes how many bytes of memory the worker has. The world's load is the first
// request; it and each one sent is answered by one report. When the worker dies, it is started again once,
// the roll-out begins again where it began, and its first frame answers the step that was under way; a leave
// is answered from there. A second death is reported as failed.

const PATIENCE_MS = 30_000;
const NOTHING = new ArrayBuffer(0);

export class Supervisor {
  #parts;
  #worker = null;
  #timer = null;
  #restarted = false;
  #loaded = false;
  /** Why nothing is answered any more. */
  #ended = null;
  /** The last beginning that was sent: a reset, or where another engine stood. */
  #beginning = null;
  /** Requests that wait for the world, while it is on its way. */
  #early = null;
  /** Requests that the worker has not answered, in order. */
  #open = [];

  /**
   * @param {object} parts
   * @param {() => Worker} parts.spawn makes a worker
   * @param {() => Promise<[string, ArrayBuffer]>} parts.world the manifest's text and the weights;
   *   asked again after a death, so that nobody has to keep a copy of the weights
   * @param {(head: string, body: ArrayBuffer) => void} parts.report takes the reports
   * @param {(text: string) => void} [parts.notice] is told of a restart
   * @param {string} [parts.script] what an error calls the worker's script
   * @param {number} [parts.patience_ms] a worker that is silent for longer counts as dead
   */
  constructor({ spawn, world, report, notice = () => {}, script = "its script", patience_ms = PATIENCE_MS }) {
    this.#parts = { spawn, world, report, notice, script, patience_ms };
    this.#start([]);
  }

  /** Sends a request; its body is handed over. */
  send(head, body = NOTHING) {
    const [kind] = Object.keys(JSON.parse(head));
    const request = { head, body, begins: kind === "reset" || kind === "resume", steps: kind === "step" };
    if (this.#ended) {
      this.#fail(this.#ended);
    } else if (this.#early) {
      this.#early.push(request);
    } else {
      this.#post(request);
    }
  }

  /** Ends the worker. */
  close() {
    this.#ended ??= "the engine has ended";
    this.#stop();
  }

  async #start(requests) {
    const { spawn, world } = this.#parts;
    const worker = spawn();
    const current = () => this.#worker === worker;
    this.#worker = worker;
    this.#early = requests;
    worker.onmessage = ({ data: [head, body] }) => current() && this.#answered(head, body);
    worker.onmessageerror = () => current() && this.#died("a message could not be read");
    worker.onerror = (event) => {
      event.preventDefault?.();
      if (current()) this.#died(event.message || `${this.#parts.script} could not be run`);
    };
    try {
      const [manifest, weights] = await world();
      if (!current()) return;
      const head = JSON.stringify({ load: { manifest } });
      const early = this.#early;
      this.#early = null;
      this.#post({ head, body: weights, load: true, quiet: this.#loaded });
      for (const request of early) this.#post(request);
    } catch (error) {
      if (current()) this.#end(`the world could not be read: ${error?.message ?? error}`, 1);
    }
  }

  #post(request) {
    const { head, body } = request;
    // A beginning may have to be sent again, so its body (a picture, or a roll-out's memory) is copied.
    const sent = request.begins ? body.slice(0) : body;
    if (request.begins) this.#beginning = request;
    else request.body = NOTHING;
    this.#open.push(request);
    this.#watch();
    this.#worker.postMessage([head, sent], sent === NOTHING ? [] : [sent]);
  }

  #answered(head, body) {
    const { quiet, load } = this.#open.shift() ?? {};
    this.#watch();
    this.#loaded ||= Boolean(load);
    if (!quiet || "failed" in JSON.parse(head)) this.#parts.report(head, body);
  }

  /** A death of which the browser says nothing (no memory, an endless loop) shows as silence. */
  #watch() {
    clearTimeout(this.#timer);
    const { patience_ms } = this.#parts;
    const silent = () => this.#died(`it did not answer for ${patience_ms / 1000} s`);
    if (this.#open.length > 0) this.#timer = setTimeout(silent, patience_ms);
  }

  #died(reason) {
    this.#stop();
    const asked = this.#open.filter(({ quiet, load }) => !quiet && !load);
    this.#open = [];
    if (this.#restarted) {
      const unanswered = asked.length + (this.#early?.length ?? 0) + (this.#loaded ? 0 : 1);
      this.#end(`the engine's worker stopped twice: ${reason}`, Math.max(unanswered, 1));
      return;
    }
    this.#restarted = true;
    this.#parts.notice(`the engine's worker stopped and is started again: ${reason}`);
    const again = [...asked, ...(this.#early ?? [])];
    if (this.#beginning && !again[0]?.begins) {
      const answers = Boolean(again[0]?.steps);
      again.splice(0, Number(answers), { ...this.#beginning, quiet: !answers });
    }
    this.#start(again);
  }

  #end(reason, unanswered) {
    this.#ended = reason;
    this.#stop();
    for (let i = 0; i < unanswered; i++) this.#fail(reason);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#worker?.terminate();
    this.#worker = null;
  }

  #fail(reason) {
    this.#parts.report(JSON.stringify({ failed: { reason } }), new ArrayBuffer(0));
  }
}

/** A supervisor for `script`, as the Bevy side wants it: a world's parts, and a function for reports. */
export function supervise(script, manifest, weights, report) {
  return new Supervisor({
    script,
    spawn: () => measured(new Worker(script, { type: "module" })),
    world: async () => [manifest, weights()],
    report,
    notice: (text) => console.info(text),
  });
}

/** Marks how many bytes of memory a worker has, whenever they have grown, for whoever measures the page. */
function measured(worker) {
  let most = 0;
  worker.addEventListener("message", ({ data: [, , bytes] }) => {
    if (bytes <= most) return;
    most = bytes;
    performance.mark("bvgdm worker bytes", { detail: bytes });
  });
  return worker;
}
