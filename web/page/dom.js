// Elements by id, and small things that several modules do with them.

/** The element with an id; the page is written with the modules, so that it is there. */
export const $ = (id) => document.getElementById(id);

/** Seconds as "1:05". */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * What a click on a control does. Whoever clicked with a mouse or a finger plays on; whoever pressed
 * a key keeps the focus where it is.
 */
export function clicked(button, canvas, act) {
  button.addEventListener("click", (event) => {
    act(event);
    if (event.detail > 0) canvas.focus({ preventScroll: true });
  });
}
