import assert from "node:assert/strict";
import { test } from "node:test";
import { percentile, summary } from "./stats.js";

test("median and p95 are values that occurred", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(percentile(values, 0.5), 51);
  assert.equal(percentile(values, 0.95), 96);
  assert.equal(percentile([3], 0.95), 3);
});

test("of nothing there is no median", () => {
  assert.deepEqual(summary([]), { median: null, p95: null });
  assert.deepEqual(summary([undefined, null]), { median: null, p95: null });
});
