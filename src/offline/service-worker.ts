/**
 * Makes the page usable offline. Each build is a version with its own cache, filled completely or not at all. A new
 * version waits until a page activates it, so that no page changes during a run. A plain script that shares no code
 * with the page; the build inserts its list of files.
 */

/** Inserted by the build (`scripts/offline.mjs`): its version, its files, and those that are kept once they are used. */
declare const __RETORT_BUILD__: { version: string; files: string[]; later: string[] };

const scope = self as unknown as ServiceWorkerGlobalScope;
const { version, files, later } = __RETORT_BUILD__;
const prefix = 'retort-build-';
const cacheName = prefix + version;
/** Cache of large files, filled on first use; their names are the same in every build. */
const laterCache = 'retort-data';

scope.addEventListener('install', (event) => {
  event.waitUntil(fill());
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(tidy());
});

scope.addEventListener('message', (event) => {
  if (event.data === 'take over') void scope.skipWaiting();
});

scope.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || !url.href.startsWith(scope.registration.scope)) return;
  event.respondWith(answer(event.request, url).then(isolated));
});

/**
 * With the headers that isolate a page, and each worker of it, from other origins: threads can share memory then. A static
 * host sends none. A page that was loaded before this worker was there gets them with its next load.
 */
function isolated(response: Response): Response {
  if (response.status === 0) return response;
  const { body, status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  // Answers without a body may have none.
  return new Response([204, 205, 304].includes(status) ? null : body, { status, statusText, headers });
}

async function fill(): Promise<void> {
  const cache = await caches.open(cacheName);
  // Bypasses the browser's HTTP cache, because data files have the same name in every build.
  await cache.addAll(files.map((file) => new Request(file, { cache: 'no-cache' })));
}

/** Deletes caches of builds that no page can still run: all except this one and the previous one. */
async function tidy(): Promise<void> {
  const builds = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== cacheName);
  await Promise.all(builds.slice(0, -1).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

/**
 * A file of this build; otherwise of the previous build, for a page that has not been reloaded; otherwise from the
 * network.
 */
async function answer(request: Request, url: URL): Promise<Response> {
  url.hash = '';
  url.search = '';
  if (url.href === scope.registration.scope) url.pathname += 'index.html';
  const kept = await keptFile(url.href);
  if (kept) return kept;
  const response = await fetch(request);
  const isLater = later.some((file) => url.href === new URL(file, scope.registration.scope).href);
  if (response.ok && isLater) await keep(cacheName, url.href, response.clone());
  else if (response.ok && url.pathname.includes('/data/')) await keep(laterCache, url.href, response.clone());
  return response;
}

/** Undefined when the storage was cleared or is denied; the network is used then. */
async function keptFile(address: string): Promise<Response | undefined> {
  try {
    const own = await caches.open(cacheName);
    return (await own.match(address)) ?? (await caches.match(address));
  } catch {
    return undefined;
  }
}

async function keep(cache: string, address: string, response: Response): Promise<void> {
  try {
    await (await caches.open(cache)).put(address, response);
  } catch {
    // No space left: the file is fetched again next time.
  }
}
