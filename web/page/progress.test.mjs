import assert from "node:assert/strict";
import { test } from "node:test";
import { Progress } from "./progress.js";

test("the share is of the bytes of all parts", () => {
  const progress = new Progress(2);
  progress.part("a", 30);
  progress.part("b", 70);
  progress.add("a", 30);
  progress.add("b", 20);
  assert.equal(progress.share, 0.5);
});

test("nothing is claimed while a part is unknown", () => {
  const progress = new Progress(2);
  progress.part("a", 30);
  progress.add("a", 30);
  assert.equal(progress.share, null);
  progress.part("b", null);
  assert.equal(progress.share, null);
  progress.add("b", 10);
  progress.done("b");
  assert.equal(progress.share, 1);
});

test("the share never goes back and never passes 1", () => {
  const progress = new Progress(1);
  progress.part("a", 10);
  progress.add("a", 8);
  assert.equal(progress.share, 0.8);
  progress.part("a", 10);
  assert.equal(progress.share, 0.8);
  progress.add("a", 25);
  assert.equal(progress.share, 1);
});

test("it reads as megabytes", () => {
  const progress = new Progress(1);
  progress.part("a", 21_400_000);
  progress.add("a", 7_300_000);
  assert.equal(String(progress), "7.3 of 21.4 MB");
});
