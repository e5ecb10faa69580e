// The cover over the picture until there is one.
import { $ } from "./dom.js";

export const loading = {
  /** What is under way. */
  say(what) {
    $("loading-what").textContent = what;
  },

  /** Bytes that have come: a Progress. */
  show(progress) {
    const bar = $("loading-bar");
    const { share } = progress;
    if (share === null) bar.removeAttribute("value");
    else bar.value = share;
    $("loading-bytes").textContent = String(progress);
  },

  /** All bytes are here, and how long the engine takes nobody knows. */
  wait(what) {
    this.say(what);
    $("loading-bar").removeAttribute("value");
  },

  begin() {
    // From here on the page itself says what goes wrong, and guard.js need not.
    $("loading").dataset.begun = "true";
    $("loading").hidden = false;
  },

  end() {
    $("loading").hidden = true;
  },
};
