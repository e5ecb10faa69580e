// The settings as controls; every change is applied at once.
import { $ } from "./dom.js";
import { DEFAULTS, STEPS } from "./settings.js";

/** `reloads(engine)` says whether an engine is only had by loading the page again. */
export function settingsDialog({ settings, canvas, reloads }) {
  for (const steps of STEPS) $("set-steps").append(new Option(String(steps), String(steps)));
  const show = (values) => {
    $("set-engine").value = values.engine;
    $("set-steps").value = values.steps ?? "";
    $("set-sensitivity").value = values.sensitivity;
    $("set-sensitivity-shown").textContent = `× ${values.sensitivity.toFixed(1)}`;
    $("set-smooth").checked = values.smooth;
    $("set-reload").hidden = !reloads(values.engine);
  };
  settings.changed(show);

  const on = (id, kind, change) => $(id).addEventListener(kind, () => settings.set(change($(id))));
  on("set-engine", "change", ({ value }) => ({ engine: value }));
  on("set-steps", "change", ({ value }) => ({ steps: value === "" ? null : Number(value) }));
  on("set-sensitivity", "input", ({ value }) => ({ sensitivity: Number(value) }));
  on("set-smooth", "change", ({ checked }) => ({ smooth: checked }));
  $("set-defaults").addEventListener("click", () => settings.set(DEFAULTS));
  // Without the query, which would go on forcing an engine.
  $("set-reload-now").addEventListener("click", () => location.assign(location.pathname));

  const dialog = $("settings");
  $("open-settings").addEventListener("click", () => {
    show(settings.values);
    dialog.showModal();
  });
  dialog.addEventListener("click", (event) => beside(dialog, event) && dialog.close());
  dialog.addEventListener("close", () => canvas.focus({ preventScroll: true }));
}

/** Whether a click was on the backdrop, which is the dialog's as its own edge is. A key's click is nowhere. */
function beside(dialog, { target, clientX: x, clientY: y, detail }) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return target === dialog && detail > 0 && !(x >= left && x <= right && y >= top && y <= bottom);
}
