// How much of several files has come, in bytes.

/** Sums parts up; the share never goes back, though totals become known one after the other. */
export class Progress {
  #parts = new Map();
  #expected;
  #shown = 0;
  #changed;

  /** `expected` parts will come; `changed(this)` is called when something has come. */
  constructor(expected, changed = () => {}) {
    this.#expected = expected;
    this.#changed = changed;
  }

  /** A part and how many bytes it has; null when nobody knows. A part that starts again counts from 0. */
  part(name, total) {
    this.#parts.set(name, { total, loaded: 0 });
    this.#changed(this);
  }

  add(name, bytes) {
    this.#parts.get(name).loaded += bytes;
    this.#changed(this);
  }

  /** A part is here: what its total was thought to be no longer counts. */
  done(name) {
    const part = this.#parts.get(name);
    part.total = part.loaded;
    this.#changed(this);
  }

  get loaded() {
    return this.#sum(({ loaded }) => loaded);
  }

  /** Bytes of all parts, or null while one of them is unknown. */
  get total() {
    const parts = [...this.#parts.values()];
    const known = parts.length >= this.#expected && parts.every(({ total }) => total !== null);
    return known ? this.#sum(({ total, loaded }) => Math.max(total, loaded)) : null;
  }

  /** 0 to 1, or null while the total is unknown. */
  get share() {
    const { total } = this;
    if (total === null) return null;
    this.#shown = Math.max(this.#shown, total === 0 ? 0 : this.loaded / total);
    return Math.min(this.#shown, 1);
  }

  /** Such as "7.3 of 21.4 MB", or "7.3 MB" while the total is unknown. */
  toString() {
    const of = this.total === null ? "" : ` of ${megabytes(this.total)}`;
    return `${megabytes(this.loaded)}${of} MB`;
  }

  #sum(of) {
    return [...this.#parts.values()].reduce((sum, part) => sum + of(part), 0);
  }
}

export function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
