/**
 * Keeps the page usable without a network. Each build is a version with a cache of its own, filled whole or not at
 * all; a new version waits until a page asks for it, so that no page is changed under its run. Plain script of its own:
 * it shares no code with the page, and the build puts its list of files into it.
 */

/** Written by the build (`scripts/offline.mjs`): a name for this build, and what belongs to it. */
declare const __RETORT_BUILD__: { version: string; files: string[] };

const scope = self as unknown as ServiceWorkerGlobalScope;
const { version, files } = __RETORT_BUILD__;
const prefix = 'retort-build-';
const cacheName = prefix + version;
/** Large files that are kept once they were asked for; their names do not change with the build. */
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
  event.respondWith(answer(event.request, url));
});

async function fill(): Promise<void> {
  const cache = await caches.open(cacheName);
  // Past the browser's own cache: the names of data files are the same in every build.
  await cache.addAll(files.map((file) => new Request(file, { cache: 'no-cache' })));
}

/** Removes builds that no page can be running any more: all but this one and the one before. */
async function tidy(): Promise<void> {
  const builds = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== cacheName);
  await Promise.all(builds.slice(0, -1).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

/** This build's file; else one of the build before, for a page that has not been reloaded; else the network. */
async function answer(request: Request, url: URL): Promise<Response> {
  url.hash = '';
  url.search = '';
  if (url.href === scope.registration.scope) url.pathname += 'index.html';
  const kept = await keptFile(url.href);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && url.pathname.includes('/data/')) await keep(url.href, response.clone());
  return response;
}

/** Nothing where the browser's storage was cleared or is denied: the network is still there. */
async function keptFile(address: string): Promise<Response | undefined> {
  try {
    const own = await caches.open(cacheName);
    return (await own.match(address)) ?? (await caches.match(address));
  } catch {
    return undefined;
  }
}

async function keep(address: string, response: Response): Promise<void> {
  try {
    await (await caches.open(laterCache)).put(address, response);
  } catch {
    // No room for it: it comes over the network again.
  }
}
