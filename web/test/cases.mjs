// What is played in which browser.
import { chromium } from "./browsers/chromium.mjs";
import { firefox } from "./browsers/firefox.mjs";
import { webkit } from "./browsers/webkit.mjs";
import { fitting, mouse, touch } from "./play/controls.mjs";
import { exporting, noCodecs, noRecorder } from "./play/export.mjs";
import { deviceLost, failures, trapped } from "./play/failures.mjs";
import { damaged, offline, offlineByName, update } from "./play/offline.mjs";
import { benchRefused, benched, responsive, warm } from "./play/pace.mjs";
import { drawing, playing } from "./play/path.mjs";
import { choosing } from "./play/settings.mjs";
import { ROUNDED, WHOLE } from "./play/tolerance.mjs";

const CPU = {
  query: "?engine=cpu", engine: /cpu|processor/i, shown: /processor.*WebGL2/,
  live: true, tolerance: WHOLE,
};
const FRAGMENT = {
  query: "?engine=passes-fragment", engine: /fragment/, shown: /graphics processor.*WebGL2/,
  live: false, tolerance: ROUNDED,
};
const COMPUTE = {
  query: "?engine=passes-compute", engine: /compute/, shown: /graphics processor.*WebGPU/,
  live: false, tolerance: ROUNDED,
};
/** Software takes a second for a frame of the graphics processor's. */
const FEW = { frames: 3 };

const everywhere = { mouse, offline, update, ...failures };

export const BROWSERS = {
  chromium: {
    program: "chromium",
    timed: true,
    open: chromium("webgl2"),
    cases: {
      cpu: playing(CPU),
      fragment: playing(FRAGMENT),
      responsive,
      "export-codecs": exporting({ without: [noRecorder], kind: /^video\// }),
      "export-recorder": exporting({ without: [noCodecs], kind: /^video\// }),
      "export-gif": exporting({ without: [noCodecs, noRecorder], kind: /^image\/gif/ }),
      bench: benched,
      "bench-refused": benchRefused,
      warm,
      choosing,
      trapped,
      touch,
      sizes: fitting(),
      "offline-by-name": offlineByName,
      damaged,
      ...everywhere,
    },
  },
  "chromium-webgpu": {
    program: "chromium",
    timed: true,
    open: chromium("webgpu"),
    cases: {
      compute: playing(COMPUTE),
      // The shaders that real graphics processors get, whose threads share what they read: seconds a frame
      // in software.
      "compute-sharing": drawing({ ...COMPUTE, query: "?engine=passes-compute&software=no", frames: 2 }),
      "device-lost": deviceLost,
    },
  },
  firefox: {
    program: "firefox",
    open: firefox,
    cases: {
      cpu: playing(CPU),
      fragment: drawing({ ...FRAGMENT, ...FEW }),
      compute: drawing({ ...COMPUTE, ...FEW }),
      "export-codecs": exporting({ without: [noRecorder], kind: /^video\// }),
      "export-recorder": exporting({ without: [noCodecs], kind: /^video\// }),
      "export-gif": exporting({ without: [noCodecs, noRecorder], kind: /^image\/gif/ }),
      touch,
      sizes: fitting(),
      ...everywhere,
    },
  },
  webkit: {
    program: "webkit",
    open: webkit,
    cases: {
      // With Debian's GStreamer its VideoEncoder ends the page, and it has no MediaRecorder.
      cpu: playing({ ...CPU, recorded: /^image\/gif/ }),
      fragment: drawing({ ...FRAGMENT, ...FEW }),
      // Its window becomes no narrower, and its driver has no finger.
      sizes: fitting({ narrowest: 500 }),
      ...everywhere,
    },
  },
};
