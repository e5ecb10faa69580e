import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";

const here = new URL("./", import.meta.url);
const names = (await readdir(here)).filter((name) => name.endsWith(".css"));
const styles = [new URL("../style.css", here), ...names.map((name) => new URL(name, here))];

test("only browsers that have a dynamic viewport are given its unit", async () => {
  for (const style of styles) {
    const text = await readFile(style, "utf8");
    const asked = text.replace(/@supports \(height: 1dvh\) \{[^}]*\}\s*\}/, "");
    assert.doesNotMatch(asked, /\ddvh/, style.pathname);
  }
});
