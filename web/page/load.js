// The files of the game, fetched while their bytes are counted.

/** A file that could not be had. */
export class LoadError extends Error {
  constructor(file, detail) {
    super(`${file}: ${detail}`);
    this.name = "LoadError";
    this.file = file;
  }
}

/** The sizes that the build wrote down: a Map from path to bytes, empty where there is no listing. */
export async function sizes(fetch = globalThis.fetch) {
  try {
    const { files } = await (await fetch("files.json")).json();
    return new Map(files.map(({ path, bytes }) => [path, bytes]));
  } catch {
    return new Map();
  }
}

/** The whole of a file as a Uint8Array. */
export async function bytes(path, progress, size, fetch = globalThis.fetch) {
  const response = await open(path, fetch);
  const total = totalOf(response, size);
  progress.part(path, total);
  const buffer = new Growing(total ?? 0);
  await read(path, response, (chunk) => {
    buffer.push(chunk);
    progress.add(path, chunk.length);
  });
  progress.done(path);
  return buffer.bytes();
}

/**
 * A bundle's wasm, as a Response to instantiate while it comes. What is counted is a copy: a browser
 * keeps the compiled code only of a Response that is the network's own.
 */
export async function streamed(path, progress, size, fetch = globalThis.fetch) {
  const response = await open(path, fetch);
  progress.part(path, totalOf(response, size));
  const counted = read(path, response.clone(), (chunk) => progress.add(path, chunk.length));
  const whole = counted.then(() => progress.done(path));
  whole.catch(() => {}); // whoever instantiates sees the same error first
  return { response, whole };
}

/** Bytes of a body once it is decoded: the build's own figure, or the header if it tells of that. */
export function totalOf(response, size) {
  if (size !== undefined) return size;
  const length = response.headers.get("content-length");
  return length === null || response.headers.get("content-encoding") ? null : Number(length);
}

async function open(path, fetch) {
  let response;
  try {
    response = await fetch(path);
  } catch (error) {
    throw new LoadError(path, `no connection (${error.message})`);
  }
  if (!response.ok) throw new LoadError(path, `the server answers ${response.status}`);
  return response;
}

async function read(path, response, each) {
  const reader = response.body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) each(part.value);
  } catch (error) {
    throw new LoadError(path, `the connection broke off (${error.message})`);
  }
}

/** Bytes of a length that is only guessed at. */
class Growing {
  #content;
  #length = 0;

  constructor(guess) {
    this.#content = new Uint8Array(guess);
  }

  push(chunk) {
    const length = this.#length + chunk.length;
    if (length > this.#content.length) {
      const larger = new Uint8Array(Math.max(length, this.#content.length * 2));
      larger.set(this.#content.subarray(0, this.#length));
      this.#content = larger;
    }
    this.#content.set(chunk, this.#length);
    this.#length = length;
  }

  bytes() {
    return this.#content.subarray(0, this.#length);
  }
}
