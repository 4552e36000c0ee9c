/**
 * Makes the page usable offline. Each build is a version with its own cache, filled completely or not at all. A new
 * version waits until a page activates it, so that no page changes during a run. A plain script that shares no code
 * with the page; the build inserts its list of files.
 */

/**
 * Inserted by the build (`scripts/offline.mjs`): its version, its files, and those that are kept once they are used, each with
 * a hash of its content.
 */
declare const __RETORT_BUILD__: { version: string; files: string[]; later: Record<string, string> };

const scope = self as unknown as ServiceWorkerGlobalScope;
const { version, files, later } = __RETORT_BUILD__;
const prefix = 'retort-build-';
const cacheName = prefix + version;
/** Cache of large files, filled on first use, for all builds: the hash of a file is a part of its address there. */
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
  if (event.request.mode === 'navigate') event.waitUntil(adopt());
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
  const cache = await caches.open(laterCache);
  const kept = new Set(Object.keys(later).map(addressOf));
  for (const { url } of await cache.keys()) if (!kept.has(url)) await cache.delete(url);
  await scope.clients.claim();
}

/**
 * Keeps what was used before this worker was there, as far as the browser still has it: a page's first visit, and workers that
 * it began then, ask the network. Asks no server.
 */
async function adopt(): Promise<void> {
  try {
    const cache = await caches.open(laterCache);
    for (const [file, hash] of Object.entries(later)) {
      const address = addressOf(file);
      if (await cache.match(address)) continue;
      const here = new URL(file, scope.registration.scope);
      const found = await fetch(here, { cache: 'only-if-cached', mode: 'same-origin' }).catch(() => null);
      if (!found?.ok || (await hashOf(await found.clone().arrayBuffer())) !== hash) continue;
      await keep(laterCache, address, found);
    }
  } catch {
    // The storage was cleared or is denied.
  }
}

/** As the build names a file's content: the beginning of its SHA-256. */
async function hashOf(content: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
  return [...digest.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * A file of this build; otherwise of the previous build, for a page that has not been reloaded; otherwise from the
 * network.
 */
async function answer(request: Request, url: URL): Promise<Response> {
  url.hash = '';
  url.search = '';
  if (url.href === scope.registration.scope) url.pathname += 'index.html';
  const name = decodeURI(url.href.slice(scope.registration.scope.length));
  if (name in later) return laterFile(addressOf(name));
  return (await keptFile(url.href)) ?? fetch(request);
}

/** Address of a file that is kept once it is used: another one after each change of its content. */
function addressOf(file: string): string {
  return `${new URL(file, scope.registration.scope).href}?${later[file]}`;
}

async function laterFile(address: string): Promise<Response> {
  try {
    const kept = await (await caches.open(laterCache)).match(address);
    if (kept) return kept;
  } catch {
    // The storage was cleared or is denied.
  }
  const response = await fetch(address);
  if (response.ok) await keep(laterCache, address, response.clone());
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
