import assert from "node:assert/strict";
import { test } from "node:test";
import { LoadError, bytes, sizes, streamed, totalOf } from "./load.js";
import { Progress } from "./progress.js";

const body = (...chunks) =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new Uint8Array(chunk));
      controller.close();
    },
  });
const answers = (response) => async () => response;

test("a file comes whole, whatever its size was thought to be", async () => {
  for (const size of [undefined, 0, 3, 5, 100]) {
    const progress = new Progress(1);
    const found = await bytes("w", progress, size, answers(new Response(body([1, 2], [3], [4, 5]))));
    assert.deepEqual([...found], [1, 2, 3, 4, 5]);
    assert.equal(progress.share, 1);
  }
});

test("bytes are counted while they come", async () => {
  const shown = [];
  const progress = new Progress(1, ({ loaded, total }) => shown.push(`${loaded}/${total}`));
  await bytes("w", progress, 4, answers(new Response(body([1], [2, 3], [4]))));
  assert.deepEqual(shown, ["0/4", "1/4", "3/4", "4/4", "4/4"]);
});

test("a compressed transfer's length is not taken for the file's", () => {
  const response = (headers) => ({ headers: new Headers(headers) });
  assert.equal(totalOf(response({ "content-length": "7" })), 7);
  assert.equal(totalOf(response({ "content-length": "7", "content-encoding": "br" })), null);
  assert.equal(totalOf(response({ "content-length": "7", "content-encoding": "br" }), 20), 20);
  assert.equal(totalOf(response({})), null);
});

test("errors name the file", async () => {
  const get = (fetch) => bytes("a/b.bin", new Progress(1), 1, fetch);
  const offline = async () => {
    throw new TypeError("Failed to fetch");
  };
  await assert.rejects(get(answers(new Response("", { status: 404 }))), /a\/b\.bin: the server answers 404/);
  await assert.rejects(get(offline), LoadError);
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
  await assert.rejects(get(answers(new Response(broken))), /a\/b\.bin: the connection broke off/);
});

test("a bundle is counted and can still be instantiated", async () => {
  const progress = new Progress(1);
  const { response, whole } = await streamed("x.wasm", progress, 3, answers(new Response(body([1, 2, 3]))));
  assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], [1, 2, 3]);
  await whole;
  assert.equal(progress.loaded, 3);
});

test("without a listing no size is known", async () => {
  assert.equal((await sizes(answers(new Response("no", { status: 404 })))).size, 0);
  const listing = { version: "1", files: [{ path: "a", bytes: 2 }] };
  assert.equal((await sizes(answers(Response.json(listing)))).get("a"), 2);
});
