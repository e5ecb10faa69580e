import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "./facts.js";

const document = (context = null) => ({ createElement: () => ({ getContext: () => context }) });
const gl = ({ extensions = [], renderer = "card" }) => ({
  RENDERER: 1,
  getParameter: () => renderer,
  getExtension: (name) => (extensions.includes(name) ? { loseContext() {} } : null),
});
const navigator = (adapter) => ({ gpu: { requestAdapter: async () => adapter } });
const adapter = (more = {}) => ({
  info: { vendor: "maker", architecture: "new" },
  requestDevice: async () => ({ destroy() {} }),
  ...more,
});

test("a device that can be made counts", async () => {
  const { webgpu } = await gather({ navigator: navigator(adapter()), document: document() });
  assert.deepEqual(webgpu, { had: true, software: false, name: "maker new", why: "" });
});

test("the device is asked for with what the passes need, and given back", async () => {
  let asked;
  let destroyed = false;
  const requestDevice = async (options) => {
    asked = options.requiredLimits;
    return { destroy: () => (destroyed = true) };
  };
  await gather({ navigator: navigator(adapter({ requestDevice })), document: document() });
  assert.equal(asked.maxStorageBuffersPerShaderStage, 8);
  assert.equal(destroyed, true);
});

test("an adapter without a device does not count, and says why", async () => {
  const requestDevice = async () => {
    throw new Error("limit is 4");
  };
  const { webgpu } = await gather({ navigator: navigator(adapter({ requestDevice })), document: document() });
  assert.equal(webgpu.had, false);
  assert.match(webgpu.why, /limit is 4/);
});

test("no adapter, no WebGPU and no answer are told apart", async () => {
  const why = async (navigator) =>
    (await gather({ navigator, document: document(), patience_ms: 5 })).webgpu.why;
  assert.match(await why(navigator(null)), /finds no graphics processor/);
  assert.match(await why({}), /no WebGPU/);
  assert.match(await why({ gpu: { requestAdapter: () => new Promise(() => {}) } }), /did not answer/);
});

test("software adapters are seen by their flag or their name", async () => {
  for (const info of [{ isFallbackAdapter: true }, { architecture: "swiftshader" }, { description: "llvmpipe" }]) {
    const { webgpu } = await gather({ navigator: navigator(adapter({ info })), document: document() });
    assert.equal(webgpu.software, true, JSON.stringify(info));
  }
});

test("WebGL2 tells of float targets and software", async () => {
  const context = gl({ extensions: ["EXT_color_buffer_float"], renderer: "llvmpipe (LLVM 15)" });
  const { webgl2 } = await gather({ navigator: {}, document: document(context) });
  assert.deepEqual(webgl2, { had: true, floats: true, software: true, name: "llvmpipe (LLVM 15)", why: "" });
  const plain = await gather({ navigator: {}, document: document(gl({})) });
  assert.equal(plain.webgl2.floats, false);
});

test("WebAssembly counts only with the SIMD that the bundles are made with", async () => {
  const of = async (wasm) => (await gather({ navigator: {}, document: document(), wasm })).wasm;
  assert.deepEqual(await of(WebAssembly), { had: true, why: "" });
  const scalar = { validate: (bytes) => !WebAssembly.validate(bytes) };
  assert.match((await of(scalar)).why, /no SIMD/);
  assert.match((await of(null)).why, /no WebAssembly/);
});
