// The page with the mock bundle, without a build: `node web/test/mock/serve.mjs [PORT] [KB_A_SECOND]`.
//
// Serves from a sub-folder, /game/, as a static host may.
import { createHash } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("../../", import.meta.url));
const HERE = fileURLToPath(new URL(".", import.meta.url));
const TYPES = {
  ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".mjs": "text/javascript",
  ".json": "application/json", ".svg": "image/svg+xml", ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};
const FOLDER = "/game/";
const WORLD = "assets/worlds/arena";
/** An empty module with a custom section, as large as a bundle. */
const WASM_BYTES = 6_000_000;

/** Starts the server; `slow` is how many kB it sends a second, `files` replaces files (null: 404). */
export async function serve({ port = 0, slow = 0, files = {} } = {}) {
  const known = { ...(await sources()), ...files };
  const requests = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const name = path.startsWith(FOLDER) ? path.slice(FOLDER.length) || "index.html" : null;
    requests.push(path);
    // Some of npm's packages are only there after a set-up.
    const content = await known[name]?.().catch(() => null);
    if (!content) return response.writeHead(404).end();
    const type = TYPES[extname(name)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "cache-control": "no-cache" });
    await send(response, content, slow);
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${server.address().port}${FOLDER}`;
  const close = () => (server.closeAllConnections(), new Promise((done) => server.close(done)));
  return { address, requests, close };
}

async function sources() {
  const from = (path) => () => readFile(path);
  const found = {
    [`${WORLD}.world.ron`]: from(join(WEB, "..", `${WORLD}.world.ron`)),
    [`${WORLD}.safetensors`]: from(join(WEB, "..", `${WORLD}.safetensors`)),
    "vendor/mp4-muxer.mjs": from(join(WEB, "node_modules/mp4-muxer/build/mp4-muxer.mjs")),
    "vendor/webm-muxer.mjs": from(join(WEB, "node_modules/webm-muxer/build/webm-muxer.mjs")),
    "vendor/gifenc.mjs": from(join(WEB, "node_modules/gifenc/dist/gifenc.esm.js")),
  };
  const world = { MANIFEST: `${WORLD}.world.ron`, WEIGHTS: `${WORLD}.safetensors`, BUNDLES: ["webgpu", "webgl2"] };
  const constants = Object.entries(world).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`);
  const script = constants.join("");
  found["page/world.js"] = async () => script;
  for (const bundle of ["webgpu", "webgl2"]) {
    found[`${bundle}/neural_game.js`] = from(join(HERE, "neural_game.js"));
    found[`${bundle}/neural_game_bg.wasm`] = async () => wasm();
  }
  for (const name of ["index.html", "style.css", "favicon.svg", "sw.js", "arena.webmanifest"]) {
    found[name] = from(join(WEB, name));
  }
  for (const name of await readdir(join(WEB, "page"))) {
    if (!name.endsWith(".test.mjs")) found[`page/${name}`] = from(join(WEB, "page", name));
  }
  found["files.json"] = async () => JSON.stringify(await listing(found));
  return found;
}

async function listing(found) {
  const names = Object.keys(found).filter((name) => name !== "files.json");
  const all = await Promise.all(
    names.map(async (path) => {
      const content = await found[path]().catch(() => null);
      if (!content) return null;
      const sha256 = createHash("sha256").update(content).digest("hex");
      return { path, bytes: content.length, sha256 };
    }),
  );
  const files = all.filter(Boolean);
  const { mtimeMs } = await stat(join(WEB, "index.html"));
  return { version: `mock-${Math.round(mtimeMs)}`, files };
}

function wasm() {
  const length = [];
  for (let left = WASM_BYTES + 5; ; left >>>= 7) {
    length.push(left < 128 ? left : (left & 127) | 128);
    if (left < 128) break;
  }
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, ...length, 4, ...Buffer.from("mock")];
  return Buffer.concat([Buffer.from(head), Buffer.alloc(WASM_BYTES)]);
}

async function send(response, content, slow) {
  const bytes = Buffer.from(content);
  const step = slow ? Math.max(1024, slow * 50) : bytes.length;
  for (let at = 0; at < bytes.length && !response.destroyed; at += step) {
    response.write(bytes.subarray(at, at + step));
    if (slow) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  response.end();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port, slow] = process.argv.slice(2).map(Number);
  const { address } = await serve({ port: port || 8080, slow });
  console.log(address);
}
