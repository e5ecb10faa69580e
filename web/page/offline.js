// The service worker, which keeps the game for when there is no connection.
import { $ } from "./dom.js";

/** Not before the game plays: fetching everything would compete with loading. */
const LATER_MS = 2000;

export function offline({ game, container = navigator.serviceWorker }) {
  if (!container) return; // not a secure context, or switched off
  const stop = game.on("frame", () => {
    stop();
    setTimeout(() => keep(container), LATER_MS);
  });
}

async function keep(container) {
  try {
    // Not through the worker: which version the server has now.
    const listing = await fetch("files.json", { cache: "no-store" });
    if (listing.status !== 200) return;
    const { version } = await listing.json();
    const registration = await container.register(`sw.js?version=${encodeURIComponent(version)}`);
    const offer = () => registration.waiting && container.controller && newer(container, registration);
    offer();
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", offer);
    });
  } catch {
    // Offline already, or a server without a listing: the page plays either way.
  }
}

function newer(container, registration) {
  $("newer").hidden = false;
  $("newer-load").onclick = () => {
    container.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting?.postMessage("take over");
  };
}
