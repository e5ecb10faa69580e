// Records what is played, downloads it, and plays what was downloaded.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

const FRAMES = 10;
/** Of 256: a picture that is black all over has two, with its opacity. */
const FEWEST_SHADES = 32;

/** A visit that does nothing but record, in a browser that has less. */
export const exporting = ({ without, kind }) => async ({ browser, host, say, folder }) => {
  const visit = await browser.visit(host, { query: "?engine=cpu", init: without });
  await visit.game.playing();
  say(await record({ ...visit, folder, frames: FRAMES, kind }));
  await visit.leave();
};

export const noCodecs = () => delete globalThis.VideoEncoder;
export const noRecorder = () => delete globalThis.MediaRecorder;

/** Records a few frames, as they are played or by a script. Returns what came of it, in words. */
export async function record({ page, game, download, folder, frames, live = true, kind = /^video\// }) {
  await page.locator("#record").click();
  if (live) {
    await game.ask({ reset: { seed: 7 } }, "frame");
    await game.ask(null, "frame", { at_least: frames });
  } else {
    await game.script(7, "W*20", frames);
  }
  await page.locator("#record").click();
  const link = page.locator("#take-link");
  await link.waitFor();
  await mkdir(folder, { recursive: true });
  const file = await download(link, folder);
  const content = await readFile(file);
  const type = typeOf(content);
  assert.match(type, kind);
  const base64 = content.toString("base64");
  const seen = type.startsWith("video/")
    ? await page.evaluate(playVideo, [base64, type])
    : { ...(await page.evaluate(showPicture, [base64, type])), frames: pictures(content) };
  const shows = seen.frames >= Math.min(frames, 2) && seen.shades >= FEWEST_SHADES;
  assert.ok(shows, `${type}: ${JSON.stringify(seen)}`);
  const played = `export ${type}, ${(content.length / 1000).toFixed(0)} KB, ${seen.width} x ${seen.height}, ${seen.frames} frames played`;
  return played + (type.startsWith("video/") ? await ffprobe(file) : "");
}

/** By its first bytes: the name is the page's claim. */
function typeOf(content) {
  if (content.toString("latin1", 4, 8) === "ftyp") return "video/mp4";
  if (content.readUInt32BE(0) === 0x1a45dfa3) return "video/webm";
  if (content.toString("latin1", 0, 3) === "GIF") return "image/gif";
  return "neither";
}

/** In the page: from the first frame to the last. */
async function playVideo([base64, type]) {
  const content = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const video = document.createElement("video");
  video.muted = true;
  const ended = new Promise((resolve, reject) => {
    video.onended = resolve;
    video.onerror = () => reject(new Error(`the video does not play: ${video.error.message}`));
  });
  video.src = URL.createObjectURL(new Blob([content], { type }));
  await video.play();
  await ended;
  const seen = document.createElement("canvas").getContext("2d");
  seen.drawImage(video, 0, 0);
  const { data } = seen.getImageData(0, 0, seen.canvas.width, seen.canvas.height);
  const shades = new Set(data).size;
  URL.revokeObjectURL(video.src);
  // Those that were decoded too late to be shown count too: the machine may be busy.
  const { totalVideoFrames: frames } = video.getVideoPlaybackQuality();
  return { width: video.videoWidth, height: video.videoHeight, frames, shades };
}

/** In the page: as it is shown, with the shades of its first picture. */
async function showPicture([base64, type]) {
  const image = new Image();
  image.src = `data:${type};base64,${base64}`;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const seen = document.createElement("canvas").getContext("2d");
  seen.drawImage(image, 0, 0);
  const shades = new Set(seen.getImageData(0, 0, seen.canvas.width, seen.canvas.height).data).size;
  return { width, height, shades };
}

/** The pictures of a GIF (GIF89a, §20): its blocks from the first to its end. */
function pictures(gif) {
  const table = (flags) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + table(gif[10]);
  let count = 0;
  while (gif[at] !== 0x3b) {
    const isPicture = gif[at] === 0x2c;
    assert.ok(isPicture || gif[at] === 0x21, `no block of a GIF begins at byte ${at}`);
    at += isPicture ? 11 + table(gif[at + 9]) : 2;
    while (gif[at] > 0) at += gif[at] + 1;
    at += 1;
    count += isPicture;
  }
  return count;
}

/** What ffprobe counts, where it is there. */
async function ffprobe(file) {
  const entries = "stream=codec_name,nb_read_frames";
  try {
    const { stdout } = await promisify(execFile)("ffprobe", [
      "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries", entries, "-of", "csv=p=0", file,
    ]);
    return `, ${stdout.trim().replace(",", " with ")} frames by ffprobe`;
  } catch (error) {
    if (error.code === "ENOENT") return "";
    throw error;
  }
}
