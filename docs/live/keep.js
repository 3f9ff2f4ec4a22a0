// @ts-check
/// <reference lib="webworker" />
// Keeps the pages that were seen, and once a form was touched the whole site, for readers without
// a network. The build puts the site's version in place of VERSION; another one is kept anew.

const KEPT = "course-VERSION";
const own = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

own.addEventListener("install", () => own.skipWaiting());
own.addEventListener("activate", (event) => event.waitUntil(begin()));
own.addEventListener("message", (event) => event.waitUntil(keepAll()));
own.addEventListener("fetch", (event) => {
  const { url, method } = event.request;
  if (method === "GET" && url.startsWith(own.registration.scope))
    event.respondWith(found(event.request));
});

async function begin() {
  const old = (await caches.keys()).filter((name) => name.startsWith("course-") && name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
  await own.clients.claim();
}

/** What was kept; or what comes, which is kept then. @param {Request} request */
async function found(request) {
  const kept = await caches.open(KEPT);
  const page = request.url.replace(/[?#].*$/, "").replace(/\/$/, "/index.html");
  const known = await kept.match(page);
  if (known) return known;
  const came = await fetch(request);
  if (came.ok) await kept.put(page, came.clone());
  return came;
}

async function keepAll() {
  const kept = await caches.open(KEPT);
  const names = await (await fetch(new URL("files.json", own.registration.scope))).json();
  for (const name of names) {
    const url = new URL(name, own.registration.scope).href;
    if (!(await kept.match(url))) await kept.add(url).catch(() => {});
  }
}
