// What the player has chosen: kept in the browser, read as if somebody else had written it.
import { ENGINES, engineNamed } from "./probe.js";

const KEY = "bvgdm.settings";
const VERSION = 1;
export const STEPS = [1, 2, 3, 4, 5, 6, 7, 8];
export const SENSITIVITY = { min: 0.1, max: 4 };

export const DEFAULTS = Object.freeze({ engine: "auto", steps: null, sensitivity: 1, smooth: true });

const VALID = {
  engine: (value) => ENGINES.includes(value),
  steps: (value) => value === null || STEPS.includes(value),
  sensitivity: (value) =>
    Number.isFinite(value) && value >= SENSITIVITY.min && value <= SENSITIVITY.max,
  smooth: (value) => typeof value === "boolean",
};

/** Settings from what was stored: whatever is missing or not valid is the default. */
export function parse(text) {
  let stored;
  try {
    stored = JSON.parse(text);
  } catch {
    return { ...DEFAULTS };
  }
  if (stored?.version !== VERSION) return { ...DEFAULTS };
  stored.engine = engineNamed(stored.engine);
  return Object.fromEntries(
    Object.entries(DEFAULTS).map(([name, value]) => [
      name,
      VALID[name](stored[name]) ? stored[name] : value,
    ]),
  );
}

/** Settings that outlive the page where the browser lets them. */
export class Settings {
  #storage;
  #listeners = new Set();
  #values;

  /** `storage()` returns a Storage, or throws where it is denied. */
  constructor(storage = () => globalThis.localStorage) {
    this.#storage = storage;
    this.#values = parse(this.#try((store) => store.getItem(KEY)) ?? null);
  }

  get values() {
    return { ...this.#values };
  }

  /** Changes some of them; a value that is not valid is left as it was. */
  set(changes) {
    const valid = ([name, value]) => VALID[name]?.(value) && value !== this.#values[name];
    const changed = Object.fromEntries(Object.entries(changes).filter(valid));
    this.#values = { ...this.#values, ...changed };
    const text = JSON.stringify({ version: VERSION, ...this.#values });
    this.#try((store) => store.setItem(KEY, text));
    for (const listener of this.#listeners) listener(this.values, changed);
  }

  /** `listener(values, changed)` is called after each change. */
  changed(listener) {
    this.#listeners.add(listener);
  }

  /** Storage may be full, switched off or denied: then settings last as long as the page. */
  #try(use) {
    try {
      return use(this.#storage());
    } catch {
      return undefined;
    }
  }
}
