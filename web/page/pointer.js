// The mouse: a click on the picture captures it, Esc gives it back and pauses, as games do.
import { hint } from "./hint.js";

const SHORT_MS = 4000;

export function pointer({ game, canvas, announce }) {
  let by = "mouse";
  let waits = false; // a hint is shown that stays until the game plays
  canvas.addEventListener("pointerdown", (event) => (by = event.pointerType));
  canvas.addEventListener("click", () => {
    canvas.focus({ preventScroll: true });
    if (game.state === "paused") game.command("resume");
    if (by === "mouse" && !held()) capture();
  });

  canvas.addEventListener("contextmenu", (event) => event.preventDefault());

  document.addEventListener("pointerlockchange", () => {
    game.command({ pointer: held() });
    if (held()) {
      waits = false;
      hint("Esc gives the mouse back", SHORT_MS);
      announce("The mouse looks around. Escape gives it back.");
    } else if (game.state === "playing") {
      game.command("pause");
    }
  });
  document.addEventListener("pointerlockerror", refused);

  game.on("state", ({ value }) => {
    if (value !== "playing") {
      const starting = value === "loading" && game.latest.frame ? "Starting the engine" : "";
      hint(value === "paused" ? paused() : starting);
      waits = true;
      return;
    }
    if (!held()) hint(invitation(), 2 * SHORT_MS);
    else if (waits) hint("");
    waits = false;
  });

  function held() {
    return document.pointerLockElement === canvas;
  }

  async function capture() {
    try {
      // Older browsers return nothing and fire pointerlockerror.
      await canvas.requestPointerLock?.();
    } catch {
      refused();
    }
  }

  /** Browsers make a player wait for a second after Esc before they give the mouse again. */
  function refused() {
    hint("The browser keeps the mouse for a moment: click once more", SHORT_MS);
  }
}

const byTouch = () => matchMedia("(pointer: coarse)").matches;

function invitation() {
  return byTouch() ? "" : "Click to look around with the mouse";
}

function paused() {
  const click = byTouch() ? "Tap the picture" : "Click the picture or press P";
  return `Paused. ${click} to play on`;
}
