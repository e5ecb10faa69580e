// The control bar beneath the picture.
import { $, clicked } from "./dom.js";

export function bar({ game, canvas, record, announce }) {
  clicked($("reset"), canvas, () => game.command({ reset: {} }));
  clicked($("elsewhere"), canvas, () => game.command("elsewhere"));
  clicked($("pause"), canvas, () => game.command(game.state === "paused" ? "resume" : "pause"));
  clicked($("record"), canvas, record);
  fullscreen(canvas);

  const enable = () => {
    // Not while it loads another engine either: a button that is switched off loses the focus.
    const plays = game.latest.ready !== undefined && !["failed", "lost"].includes(game.state);
    for (const id of ["elsewhere", "pause", "record"]) $(id).disabled = !plays;
    $("reset").disabled = !plays && game.state !== "failed";
  };
  // It may play before it has told what it plays.
  game.on("ready", enable);
  game.on("state", ({ value }) => {
    enable();
    $("stage").dataset.state = value;
    const paused = value === "paused";
    $("pause").dataset.paused = paused;
    $("pause-label").textContent = paused ? "Play on" : "Pause";
    if (value === "playing") announce("Playing.");
    if (paused) announce("Paused.");
  });
  game.on("frame", ({ value }) => value.index === 0 && announce("A new start."));
}

/** Some phones make only videos fill the screen: there the button stays away. */
function fullscreen(canvas) {
  const button = $("fullscreen");
  button.hidden = !document.fullscreenEnabled;
  clicked(button, canvas, async () => {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await $("theatre").requestFullscreen();
    } catch {
      button.hidden = true;
    }
  });
}
