// Recording as the player sees it: the button, the time, the file to save.
import { $, clock } from "./dom.js";
import { megabytes } from "./progress.js";
import { MOST_FRAMES, Recorder } from "./record.js";

/** Returns `toggle()`, which starts a recording or ends it. */
export function takes({ game, canvas, announce }) {
  const recorder = new Recorder({ canvas, changed, failed });
  let url = null;
  game.on("frame", () => recorder.frame());
  // Whether it goes on after a failure is not known, and the button is off until then.
  game.on("state", ({ value }) => ["failed", "lost"].includes(value) && end());

  function changed({ state, seconds, bytes, frames }) {
    const on = state === "recording" || state === "opening";
    $("record").dataset.state = state;
    $("record-label").textContent = on ? "Stop" : "Record";
    $("live").hidden = !on;
    $("live-time").textContent = `${clock(seconds)} · ${megabytes(bytes)} MB`;
    if (frames >= MOST_FRAMES && state === "recording") end();
  }

  function failed(error) {
    show(null, `The recording failed: ${error.message}.`);
  }

  async function end() {
    const take = await recorder.stop();
    if (!take) return;
    const { world } = game.latest.ready;
    const { blob, extension, seconds } = take;
    const name = `${world}-${stamp(new Date())}.${extension}`;
    const size = `${clock(seconds)}, ${megabytes(blob.size)} MB`;
    show({ blob, name }, `${extension.toUpperCase()}, ${size}`);
  }

  function show(file, text) {
    if (url) URL.revokeObjectURL(url);
    url = file && URL.createObjectURL(file.blob);
    $("take-link").hidden = !file;
    if (file) {
      $("take-link").href = url;
      $("take-link").download = file.name;
    }
    $("take-text").textContent = text;
    $("take").hidden = false;
    announce(file ? `Recorded: ${text}. A link to download it is below the controls.` : text);
  }

  return () => {
    const world = game.latest.ready;
    if (!world) return;
    if (recorder.state === "recording") {
      end();
    } else {
      $("take").hidden = true;
      recorder.start(world);
    }
  };
}

/** Local time as it sorts in a folder: 2026-11-25-153004. */
export function stamp(date) {
  const two = (number) => String(number).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day}-${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join("")}`;
}
