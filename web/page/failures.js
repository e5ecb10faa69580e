// What can go wrong, seen from the page: each way becomes a state of the game and a cover that says so.

/** Watches the game, its picture and the page for ends that somebody has to hear of. */
export function failures({ game, canvas, failure, announce }) {
  game.on("failed", ({ value }) => {
    const kind = game.latest.ready ? "failed" : "broken";
    failure.show(kind, value.reason, again);
    announce(`The world has stopped: ${value.reason}`);
  });
  game.on("reseeded", ({ value }) => announce(`The world was interrupted: ${value.reason}`));
  game.on("lost", ({ value }) => {
    // The bundle may still hear the picture's keys.
    canvas.inert = true;
    failure.show(value.stopped ? "stopped" : "lost", value.reason);
    announce(`The game has ended: ${value.reason}`);
  });
  game.on("state", ({ value }) => {
    const plays = ["ready", "loading", "playing"].includes(value);
    if (plays && failure.hide()) canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener("webglcontextlost", () => game.lose("the WebGL context is gone"));
  addEventListener("error", ({ error }) => trapped(error));
  addEventListener("unhandledrejection", ({ reason }) => trapped(reason));

  /** The cover is gone by then, and the focus with it. */
  function again() {
    canvas.focus({ preventScroll: true });
    game.command({ reset: {} });
  }

  function trapped(error) {
    if (!ofBundle(error)) return;
    // A panic says why before it traps; the trap itself only says "unreachable".
    const told = game.state === "failed" ? game.latest.failed.reason : error.message;
    game.lose(told, true);
  }
}

/** A trap leaves the bundle's memory as it was in the middle of something: it cannot go on. */
function ofBundle(error) {
  return error instanceof WebAssembly.RuntimeError || /neural_game/.test(error?.stack ?? "");
}
