// Recording as the player sees it: the button, the time, the file to save.
import { $, clock } from "./dom.js";
import { megabytes } from "./progress.js";
import { MOST_FRAMES, Recorder } from "./record.js";

/** Returns `toggle()`, which starts a recording or ends it; `openers` and `create` are the Recorder's. */
export function takes({ game, canvas, announce, openers, create }) {
  const recorder = new Recorder({ canvas, changed, failed, openers, create });
  /** The newest that is whole, there until the next one is: { url, text, isSaved }. */
  let film = null;
  // Whether it goes on after a failure is not known, and the button is off until then.
  const isOver = () => ["failed", "lost"].includes(game.state);
  game.on("frame", () => recorder.frame());
  game.on("state", () => isOver() && end());
  $("take-link").addEventListener("click", () => (film.isSaved = true));
  // What is recorded is in the page's memory alone: the browser asks before it lets that go.
  addEventListener("beforeunload", (event) => isUnsaved() && event.preventDefault());

  function isUnsaved() {
    return recorder.state !== "idle" || film?.isSaved === false;
  }

  function changed({ state, seconds, bytes, frames }) {
    const on = state === "recording" || state === "opening";
    const begins = state === "recording" && $("record").dataset.state !== state;
    $("record").dataset.state = state;
    $("record-label").textContent = on ? "Stop" : "Record";
    $("live").hidden = !on;
    $("live-time").textContent = `${clock(seconds)} · ${megabytes(bytes)} MB`;
    // The game may be over by the time that it begins.
    if (state === "recording" && (frames >= MOST_FRAMES || isOver())) end();
    else if (begins) announce("Recording.");
  }

  function failed(error) {
    const before = film ? " The one before can still be downloaded." : "";
    const text = `The recording failed: ${error.message}.${before}`;
    show(text);
    announce(text);
  }

  async function end() {
    const take = await recorder.stop();
    if (!take) return;
    const { world } = game.latest.ready;
    const { blob, extension, seconds } = take;
    const text = `${extension.toUpperCase()}, ${clock(seconds)}, ${megabytes(blob.size)} MB`;
    if (film) URL.revokeObjectURL(film.url);
    film = { url: URL.createObjectURL(blob), text, isSaved: false };
    $("take-link").href = film.url;
    $("take-link").download = `${world}-${stamp(new Date())}.${extension}`;
    show();
    announce(`Recorded: ${text}. A link to download it is below the controls.`);
  }

  /** The link, if there is a film, and what there is to say. */
  function show(text = film?.text ?? "") {
    $("take-link").hidden = !film;
    $("take-text").textContent = text;
    $("take").hidden = !text;
  }

  return () => {
    const world = game.latest.ready;
    if (!world || isOver()) return;
    if (["opening", "recording"].includes(recorder.state)) {
      end();
    } else {
      show();
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
