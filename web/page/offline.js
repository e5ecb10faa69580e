// The service worker, which keeps the game for when there is no connection, and newer versions of it.
import { $ } from "./dom.js";

/** Not before the game plays: fetching everything would compete with loading. */
const LATER_MS = 2000;

export function offline({ game, failure, announce, container = navigator.serviceWorker }) {
  if (!container) return; // not a secure context, or switched off
  let isAsked = false;
  const stop = game.on("frame", () => {
    stop();
    setTimeout(keep, LATER_MS);
  });
  if (!container.controller) return;
  // It may be the version that is kept which fails, and the server may have a better one.
  failure.shown = keep;
  container.addEventListener("controllerchange", () => {
    // What this page has still to load would be of the other version.
    const isLoading = game.state === "loading" && !game.latest.ready;
    if (!isLoading) end();
    if (isAsked || isLoading) location.reload();
  });

  /** For good, also where the player asked: they may keep the page for a film that is not saved. */
  function end() {
    game.command("pause");
    game.lose(isAsked ? "a newer version is loaded" : "a newer version was loaded in another tab");
    failure.show("replaced", "");
  }

  async function keep() {
    try {
      // Not through the worker: which version the server has now.
      const listing = await fetch("files.json", { cache: "no-store" });
      if (listing.status !== 200) return;
      const { version } = await listing.json();
      const registration = await container.register(`sw.js?version=${encodeURIComponent(version)}`);
      const look = () => registration.waiting && container.controller && offer(registration);
      const watch = () => registration.installing?.addEventListener("statechange", look);
      registration.addEventListener("updatefound", watch);
      watch();
      look();
    } catch {
      // Offline already, or a server without a listing: the page plays either way.
    }
  }

  function offer(registration) {
    if (!$("newer").hidden) return;
    $("newer").hidden = false;
    $("newer-load").onclick = () => {
      isAsked = true;
      registration.waiting?.postMessage("take over");
    };
    announce("A newer version is here. A button after the game's controls loads it.");
  }
}
