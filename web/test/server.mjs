// A static host as plain as they come, on 127.0.0.1 and in a sub-folder. It can be cut off, it can serve a
// file with a bit flipped, not at all or as another one, and it can have the page run something before its own scripts.
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};
const PREFIX = "/some/where/";
const FIRST = "first.js";

export class Host {
  #folder;
  #server;
  /** Paths that are served with a bit flipped, and those that are not there. */
  corrupted = new Set();
  missing = new Set();
  /** The text of those that are served as others than the folder's. */
  replaced = new Map();
  /** Functions that run in the page before its own scripts. */
  scripts = [];
  /** Paths that were asked for. */
  asked = [];

  static async open(folder) {
    const host = new Host();
    host.#folder = folder;
    host.#server = createServer((request, response) => host.#answer(request, response));
    await new Promise((resolve) => host.#server.listen(0, "127.0.0.1", resolve));
    host.origin = `http://127.0.0.1:${host.#server.address().port}`;
    host.address = host.origin + PREFIX;
    return host;
  }

  /** Nothing is answered after it. */
  async close() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request, response) {
    const { pathname } = new URL(request.url, this.origin);
    const path = pathname.startsWith(PREFIX) ? pathname.slice(PREFIX.length) : null;
    try {
      if (path === null || this.missing.has(path)) throw new Error("not here");
      const file = normalize(path === "" ? "index.html" : decodeURIComponent(path));
      if (file.startsWith("..")) throw new Error("not here");
      this.asked.push(file);
      const isMade = file === FIRST || this.replaced.has(file) || (file === "index.html" && this.scripts.length > 0);
      if (!isMade) {
        const { mtimeMs, size } = await stat(join(this.#folder, file));
        const tag = `"${size}-${mtimeMs}"`;
        response.setHeader("etag", tag);
        if (request.headers["if-none-match"] === tag) {
          response.statusCode = 304;
          response.end();
          return;
        }
      }
      const content = isMade ? await this.#make(file) : await readFile(join(this.#folder, file));
      if (this.corrupted.has(file)) content[content.length >> 1] ^= 1;
      response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
      response.setHeader("content-length", content.length);
      response.end(content);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  }

  /** What was given instead, the scripts, or the page with them before its own. */
  async #make(file) {
    if (this.replaced.has(file)) return Buffer.from(this.replaced.get(file));
    if (file === FIRST) return Buffer.from(this.scripts.map((script) => `(${script})();\n`).join(""));
    const page = await readFile(join(this.#folder, file), "utf8");
    return Buffer.from(page.replace("<head>", `<head><script src="${FIRST}"></script>`));
  }
}
