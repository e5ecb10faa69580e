// The bench's figures as a table.
import { $ } from "./dom.js";
import { megabytes } from "./progress.js";

const ROWS = {
  frame_ms: "a frame",
  denoise_ms: "denoising",
  decode_ms: "decoding",
  upload_ms: "upload",
};
const ms = (value) => (value === null ? "unknown" : `${value.toFixed(2)} ms`);
const mb = (bytes) => (bytes === null ? "unknown" : `${megabytes(bytes)} MB`);

/** Shows the bench; `outcome` is its promise. */
export async function benchView(frames, outcome) {
  $("bench").hidden = false;
  $("bench-state").textContent = `Playing ${frames} frames, as fast as the engine makes them. The picture stands still meanwhile.`;
  try {
    const figures = await outcome;
    $("bench-state").textContent = headline(figures);
    table(figures);
    facts(figures);
  } catch (error) {
    $("bench-state").textContent = `The bench has failed: ${error.message}`;
  }
}

function headline({ world, frames, seconds, engine, adapter, software }) {
  const where = software && engine?.on_gpu ? `${adapter}, which is software rendering` : adapter;
  return `${world}: ${frames} frames in ${seconds.toFixed(2)} s by ${engine?.name ?? "?"} (${where}).`;
}

function table(figures) {
  const rows = Object.entries(ROWS).map(([name, title]) => {
    const row = document.createElement("tr");
    const head = Object.assign(document.createElement("th"), { scope: "row", textContent: title });
    row.append(head, ...[figures[name].median, figures[name].p95].map(cell));
    return row;
  });
  $("bench-table").tBodies[0].replaceChildren(...rows);
  $("bench-table").hidden = false;
}

function cell(value) {
  return Object.assign(document.createElement("td"), { textContent: ms(value) });
}

function facts({ page_to_ready_ms, load_ms, memory, long_tasks, software }) {
  const entries = {
    "opened to ready": ms(page_to_ready_ms),
    "of that, the engine": ms(load_ms ?? null),
    "memory of the bundle": mb(memory.bundle_bytes),
    "of the worker": mb(memory.worker_bytes),
    "of scripts": mb(memory.js_heap_bytes),
    "of the whole page": mb(memory.page_bytes),
    "tasks over 50 ms": long_tasks
      ? `${long_tasks.count}, the longest ${ms(long_tasks.longest_ms)}`
      : "unknown",
    "graphics processor": software ? "software rendering" : "hardware",
  };
  const items = Object.entries(entries).map(([name, value]) => {
    const item = document.createElement("div");
    item.append(
      Object.assign(document.createElement("dt"), { textContent: name }),
      Object.assign(document.createElement("dd"), { textContent: value }),
    );
    return item;
  });
  $("bench-facts").replaceChildren(...items);
  $("bench-facts").hidden = false;
}
