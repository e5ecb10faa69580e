import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, describe, engineNamed } from "./probe.js";

const none = (why) => ({ had: false, software: false, floats: false, name: "", why });
const gpu = (more = {}) => ({ had: true, software: false, floats: true, name: "card", why: "", ...more });
const facts = (webgpu, webgl2) => ({
  wasm: { had: true, why: "" },
  webgpu: webgpu ?? none("this browser has no WebGPU"),
  webgl2: webgl2 ?? none("this browser has no WebGL2"),
});
const soft = { software: true, name: "SwiftShader" };
const short = ({ bundle, engine }) => `${bundle} ${engine}`;

test("a graphics processor with WebGPU is taken first", () => {
  assert.equal(short(decide(facts(gpu(), gpu()), "auto")), "webgpu auto");
});

test("without WebGPU it is WebGL2, and the reason says so", () => {
  const plan = decide(facts(null, gpu()), "auto");
  assert.equal(short(plan), "webgl2 auto");
  assert.match(plan.reason, /no WebGPU/);
});

test("without float targets the processor computes", () => {
  const plan = decide(facts(null, gpu({ floats: false })), "auto");
  assert.equal(short(plan), "webgl2 cpu");
  assert.match(plan.reason, /float targets/);
});

test("software rendering only shows what the processor computes", () => {
  assert.equal(short(decide(facts(gpu(soft), gpu(soft)), "auto")), "webgl2 cpu");
  assert.equal(short(decide(facts(gpu(soft)), "auto")), "webgpu cpu");
  assert.equal(short(decide(facts(gpu(soft), gpu()), "auto")), "webgl2 auto");
});

test("with neither there is no bundle, and both reasons are told", () => {
  const plan = decide(facts(), "auto");
  assert.equal(plan.bundle, null);
  assert.match(plan.reason, /no WebGPU and this browser has no WebGL2/);
});

test("without WebAssembly, or its SIMD, there is no bundle, and the reason is told", () => {
  const why = "this browser's WebAssembly has no SIMD";
  const { bundle, reason } = decide({ ...facts(gpu(), gpu()), wasm: { had: false, why } }, "auto");
  assert.equal(bundle, null);
  assert.equal(reason, why);
});

test("an engine that is asked for is taken, even in software", () => {
  assert.equal(short(decide(facts(gpu(soft), gpu()), "passes-compute")), "webgpu passes-compute");
  assert.equal(short(decide(facts(gpu(), gpu(soft)), "passes-fragment")), "webgl2 passes-fragment");
  assert.equal(short(decide(facts(gpu(), gpu()), "cpu")), "webgl2 cpu");
  assert.equal(short(decide(facts(gpu()), "cpu")), "webgpu cpu");
});

test("an engine that is asked for and not there is an answer, not a guess", () => {
  assert.equal(decide(facts(null, gpu()), "passes-compute").bundle, null);
  assert.equal(decide(facts(gpu()), "passes-fragment").bundle, null);
  assert.equal(short(decide(facts(null, gpu({ floats: false })), "passes-fragment")), "webgl2 cpu");
});

test("an address of before still names its engine, and what is none is none", () => {
  assert.equal(engineNamed("webgpu"), "passes-compute");
  assert.equal(engineNamed("cpu"), "cpu");
  for (const name of [null, "quantum", {}]) assert.equal(engineNamed(name), null);
});

test("the line for the player says what, where and why", () => {
  const plan = decide(facts(null, gpu()), "auto");
  const engine = { name: "passes as fragment shaders", reason: null, on_gpu: true };
  assert.equal(
    describe(plan, engine),
    "The network runs on the graphics processor (passes as fragment shaders) and is shown with " +
      "WebGL2: this browser has no WebGPU.",
  );
});

test("software that computes is called slow", () => {
  const plan = decide(facts(gpu(soft), gpu()), "passes-compute");
  assert.match(describe(plan), /SwiftShader is software/);
});

test("a page of one bundle is played by it, or says that it has no other", () => {
  assert.equal(short(decide(facts(gpu(), gpu()), "auto", ["webgl2"])), "webgl2 auto");
  assert.equal(short(decide(facts(gpu(), gpu()), "cpu", ["webgpu"])), "webgpu cpu");
  const { bundle, reason } = decide(facts(gpu(), gpu()), "passes-compute", ["webgl2"]);
  assert.equal(bundle, null);
  assert.match(reason, /built without WebGPU/);
});
