// Keys while the picture has the focus. The bundle reads them; here the browser is kept from scrolling.

const SCROLLING = new Set(["Space", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);

/** `record()` is what F9 does. Tab is left alone: it leaves the picture. */
export function keys({ canvas, record }) {
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (SCROLLING.has(event.code)) event.preventDefault();
    if (event.code === "F9" && !event.repeat) {
      event.preventDefault();
      record();
    }
  });
}
