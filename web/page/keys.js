// Keys while the picture has the focus: those that play are the bundle's, and here the browser is kept from
// scrolling by them; those that change what the page remembers are the page's.

const SCROLLING = new Set(["Space", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);

/**
 * `record()` is what F9 does; G takes the next one of `engines()`, F changes how the picture is enlarged. Tab is
 * left alone: it leaves the picture.
 */
export function keys({ canvas, record, settings, engines }) {
  const does = {
    F9: record,
    KeyF: () => settings.set({ smooth: !settings.values.smooth }),
    KeyG: () => settings.set({ engine: after(engines(), settings.values.engine) }),
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (SCROLLING.has(event.code)) event.preventDefault();
    const act = does[event.code];
    if (!act || event.repeat) return;
    event.preventDefault();
    act();
  });
}

/** The one after `current`, in a circle. */
function after(engines, current) {
  return engines[(engines.indexOf(current) + 1) % engines.length];
}
