// The cover that says what went wrong and what can be done about it.
import { $ } from "./dom.js";

const load = () => location.reload();
/** Without what is kept of this version, which may be what fails: see guard.js. */
const loadAnew = () => globalThis.loadAnew();

/** Kinds of failure: what is said, and which ways out there are. */
const KINDS = {
  network: {
    title: "A file did not come",
    text: "The connection may be down, or the site may be changing just now.",
    again: true,
    // A part of a bundle's script that did not come is not asked for again by the same page.
    reload: loadAnew,
  },
  failed: {
    title: "The world has stopped",
    text: "A reset may bring it back.",
    again: true,
  },
  broken: {
    title: "The world could not be loaded",
    text: "A file may have been damaged on its way. Loading the page again may help.",
    reload: loadAnew,
  },
  start: {
    title: "The game did not start",
    text: "Loading the page again may help.",
    reload: loadAnew,
  },
  lost: {
    title: "The graphics processor was lost",
    text: "This happens when a driver starts again or a computer wakes up. Load the page again to play on.",
    reload: load,
  },
  stopped: {
    title: "The game has stopped",
    text: "This is an error in the game. Load the page again to play on.",
    reload: loadAnew,
  },
  replaced: {
    title: "A newer version is here",
    text: "It has taken over, and this tab is of the version before. Load the page again to play on.",
    reload: load,
  },
  forced: {
    title: "This browser cannot do that",
    text: "The address asks for an engine that is not here.",
    other: true,
  },
  unsupported: {
    title: "This browser cannot show the game",
    text:
      "It needs WebGPU or WebGL2, and WebAssembly with SIMD. Current versions of Chrome, Edge, Firefox and Safari " +
      "have them; where they do, hardware acceleration may be switched off in the settings.",
  },
};

export class Failure {
  /** Called when one is shown. */
  shown = () => {};
  #again = () => {};

  constructor() {
    $("failure-again").addEventListener("click", () => {
      this.hide();
      this.#again();
    });
  }

  /** Shows a kind of failure with its reason; `again()` is what "Try again" does. */
  show(kind, reason, again) {
    const { title, text, ...ways } = KINDS[kind];
    this.#again = again ?? this.#again;
    document.exitPointerLock?.(); // the ways out are clicked
    $("failure").dataset.kind = kind;
    $("failure-title").textContent = title;
    $("failure-text").textContent = text;
    $("failure-reason").textContent = reason;
    $("failure-reload").onclick = ways.reload;
    for (const way of ["again", "reload", "other"]) $(`failure-${way}`).hidden = !ways[way];
    $("failure").hidden = false;
    $("failure").focus({ preventScroll: true });
    this.shown();
  }

  /** Takes the cover away; true if there was one. */
  hide() {
    const shown = !$("failure").hidden;
    $("failure").hidden = true;
    return shown;
  }
}
