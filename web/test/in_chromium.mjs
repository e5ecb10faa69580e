// The scenario in headless Chromium: a server on 127.0.0.1, a page, and nothing in between.
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};
const LIMIT_MS = 180_000;

export async function inChromium({ program, dist, manifest, weights, actions, seed }) {
  let pictures;
  let finish;
  const outcome = new Promise((resolve) => (finish = resolve));
  // In a sub-folder, as a static host may serve it.
  const files = {
    "/game/test/page.html": join(HERE, "page.html"),
    "/game/test/page.js": join(HERE, "page.js"),
    "/game/test/scenario.js": join(HERE, "scenario.js"),
    "/crates/bvgdm_engine/src/web/supervisor.js": join(HERE, "../../crates/bvgdm_engine/src/web/supervisor.js"),
    "/game/test/world.ron": manifest,
    "/game/test/world.safetensors": weights,
  };
  for (const name of await readdir(dist)) files[`/game/worker/${name}`] = join(dist, name);
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    if (request.method === "POST") {
      const body = Buffer.concat(await collect(request));
      path.endsWith("/pictures") ? (pictures = body) : finish(JSON.parse(body));
      response.end();
      return;
    }
    try {
      const content = path.endsWith("/job.json")
        ? JSON.stringify({ actions, seed })
        : await readFile(files[path]);
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
      response.end(content);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const profile = await mkdtemp(join(tmpdir(), "bvgdm-web-"));
  const address = `http://127.0.0.1:${server.address().port}/game/test/page.html`;
  const browser = spawn(program, [
    "--headless=new", "--no-sandbox", "--no-first-run", "--disable-gpu",
    "--disable-background-networking", "--disable-dev-shm-usage",
    `--user-data-dir=${profile}`, address,
  ], { stdio: "ignore" });
  const limit = setTimeout(() => finish({ error: `nothing after ${LIMIT_MS / 1000} s` }), LIMIT_MS);
  browser.on("error", (error) => finish({ error: `${program}: ${error.message}` }));
  const result = await outcome;
  clearTimeout(limit);
  const ended = new Promise((resolve) => browser.once("exit", resolve));
  browser.kill();
  await ended;
  server.closeAllConnections();
  server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  if (result.error) throw new Error(`${result.error} ${JSON.stringify(result.problems ?? [])}`);
  const version = /Chrome\/\d+/.exec(result.where)?.[0] ?? result.where;
  return { ...result, where: version, pictures: [pictures] };
}

async function collect(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}
