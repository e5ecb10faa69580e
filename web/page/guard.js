// Says so when the page's modules do not come, or when this browser cannot read them. It runs before
// them and is no module, and is written as browsers without modules read it.
(function () {
  var TEXT =
    "A file may be missing, or this browser may be too old: current versions of Chrome, Edge, Firefox and Safari " +
    "can show the game. Loading the page again may help.";
  /** How long a server may take to answer before the page is loaded from what is kept. */
  var PATIENCE_MS = 5000;
  var reason = "";

  /** Keeps the first error: the rest follows from it. */
  function note(event) {
    var isScript = event.target.tagName === "SCRIPT";
    var text = isScript ? "A part of " + event.target.getAttribute("src") + " did not come." : event.message;
    reason = reason || text || "";
  }

  function check() {
    removeEventListener("error", note, true);
    if (!element("loading").getAttribute("data-begun")) show();
  }

  function show() {
    element("loading").hidden = true;
    element("failure-title").textContent = "The page did not start";
    element("failure-text").textContent = TEXT;
    element("failure-reason").textContent = reason;
    element("failure-reload").onclick = window.loadAnew;
    element("failure-reload").hidden = false;
    element("failure").hidden = false;
    element("failure").focus();
  }

  function element(id) {
    return document.getElementById(id);
  }

  /** Drops what the service worker has kept, if the server can be asked for it again. */
  function forget() {
    return fetch("files.json", { cache: "no-store" })
      .then(function (listing) {
        return listing.json(); // throws for the empty answer that the worker has without a connection
      })
      .then(function () {
        return Promise.all([navigator.serviceWorker.getRegistration(), caches.keys()]);
      })
      .then(function (found) {
        return drop(found[0], found[1]);
      });
  }

  function drop(registration, names) {
    var scope = new URL("./", location.href).href;
    var ours = names.filter(function (name) {
      return name.indexOf("bvgdm " + scope + " ") === 0; // as sw.js names them
    });
    var dropped = ours.map(function (name) {
      return caches.delete(name);
    });
    // One of a folder above belongs to something else.
    if (registration && registration.scope === scope) dropped.push(registration.unregister());
    return Promise.all(dropped);
  }

  /** Loads the page from its server; where that cannot be asked, once more from what is kept. */
  window.loadAnew = function () {
    var reload = function () {
      clearTimeout(late);
      location.reload();
    };
    var late = setTimeout(reload, PATIENCE_MS);
    if (navigator.serviceWorker) forget().then(reload, reload);
    else reload();
  };

  addEventListener("error", note, true);
  addEventListener("load", check);
})();
