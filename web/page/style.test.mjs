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

/** A colour's share of white's light, as WCAG 2.2 has it. */
function light(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

test("letters stand out as AA asks, and so do the edges of what can be pressed and the focus", async () => {
  const text = await readFile(styles[0], "utf8");
  const [day, night] = text.split("@media (prefers-color-scheme: dark)");
  for (const [scheme, part] of Object.entries({ day, night })) {
    const colours = Object.fromEntries([...part.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, ...pair]) => pair));
    const least = (name, grounds, ratio) => {
      for (const ground of grounds) {
        const found = contrast(colours[name], colours[ground]);
        assert.ok(found >= ratio, `${scheme}: ${name} on ${ground} is ${found.toFixed(2)}, expected ${ratio}`);
      }
    };
    const grounds = ["paper", "paper-deep", "surface"];
    for (const ink of ["ink", "quiet", "warn"]) least(ink, grounds, 4.5);
    least("on-strong", ["strong"], 4.5);
    for (const mark of ["edge", "focus"]) least(mark, grounds, 3);
  }
});
