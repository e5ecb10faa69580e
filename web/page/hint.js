// One line over the picture: what a click or a key would do now.
import { $ } from "./dom.js";

let timer;

/** Shows a hint, for so long or until the next one; no text shows none. */
export function hint(text, ms = 0) {
  clearTimeout(timer);
  $("hint").textContent = text;
  $("hint").hidden = !text;
  if (ms > 0) timer = setTimeout(hint, ms, "");
}
