// After one visit the page plays without its server.

/** In the page: once its service worker is active, which it is not before it has kept everything. */
async function whenKept() {
  await navigator.serviceWorker.ready;
  let kept = 0;
  for (const name of await caches.keys()) kept += (await (await caches.open(name)).keys()).length;
  return kept;
}

export async function offline({ browser, host, say, screenshot }) {
  const query = "?engine=cpu";
  const { page, game, leave } = await browser.visit(host, { query, keeps: true });
  await game.ready();
  const kept = await page.evaluate(whenKept);
  await host.close();

  const begun = performance.now();
  const again = await game.after(() => page.reload());
  await again.ready();
  await again.ask(null, "frame", { at_least: 3 });
  const seconds = (performance.now() - begun) / 1000;
  await screenshot(page);
  // The browser asks for a newer service worker, and nobody answers.
  await leave({ expected: [/sw\.js/, /ERR_CONNECTION_REFUSED/] });
  say(`${kept} files kept, playing ${seconds.toFixed(1)} s after a reload without the server`);
}
