// What a visit to the page is in every browser: `visit(host, options)` opens it in a profile of its own,
// with `query` of its address, `init` functions that run in it before its scripts, `viewport`, and `keeps` for
// its service worker, which is left out otherwise. It has
//
//   page       as playwright names its parts
//   game       what the page offers to scripts
//   finger     one finger on the screen: down(x, y), move(x, y), up()
//   download   (link, folder) saves what the link offers; the file's path
//   leave      ends the visit; throws when there was anything that should not be, but for what is `expected`

export const VIEWPORT = { width: 900, height: 640 };
/** For what is timed, and for what is slow: the screen too is drawn in software here, on the same cores. */
export const SMALL = { width: 360, height: 420 };

/** What runs in the page before its own scripts. */
export function scripts({ init = [], keeps = false }) {
  // What the service worker keeps is the page as it is served.
  return keeps ? init : [watch, keepNothing, ...init];
}

/** In the page: what its driver may not tell. */
function watch() {
  globalThis.longTasks = [];
  if (PerformanceObserver.supportedEntryTypes.includes("longtask")) {
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) longTasks.push({ startTime, duration });
    }).observe({ type: "longtask" });
  }
  globalThis.problems = [];
  const { error } = console;
  console.error = (...words) => {
    problems.push(`console: ${words.join(" ")}`);
    error.apply(console, words);
  };
  addEventListener("error", ({ message }) => problems.push(`uncaught: ${message}`));
  addEventListener("unhandledrejection", ({ reason }) => problems.push(`uncaught: ${reason}`));
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    console.error(`policy violated: ${violatedDirective} ${blockedURI}`),
  );
}

/** In the page: no service worker beside what the case is about. */
function keepNothing() {
  delete Navigator.prototype.serviceWorker;
}

/** What a visit must be without. */
export class Problems {
  #host;
  #found = [];

  constructor(host) {
    this.#host = host;
  }

  add(text) {
    this.#found.push(text);
  }

  /** Nothing is to come from anywhere but the host. */
  asked(url) {
    const { protocol, origin } = new URL(url);
    const local = ["data:", "blob:", "about:"].includes(protocol) || origin === this.#host.origin;
    if (!local) this.add(`asked another host: ${url}`);
  }

  check(expected) {
    const wrong = this.#found.filter((text) => !expected.some((pattern) => pattern.test(text)));
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  }
}
