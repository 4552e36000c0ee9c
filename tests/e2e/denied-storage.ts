/** A host on which the browser denies the page its storage, as it does where a user blocks site data. */
import { dist } from '../../scripts/prepare.mjs';
import { serveFolder, type StaticHost } from './static-host';

/** Runs before everything else in the page and in each of its workers. A browser's own setting is not honoured by all. */
const script = '/deny-storage.js';

export function serveWithoutStorage(): Promise<StaticHost> {
  const run = `(${denyStorage.toString()})();`;
  return serveFolder(
    dist,
    (path, content) => {
      if (path.endsWith('.html'))
        return content.toString().replace('<script', `<script src="${script}"></script><script`);
      if (/\.worker-[^/]+\.js$/.test(path)) return `import '${script}';\n${content.toString()}`;
      return content;
    },
    { [script]: run },
  );
}

/**
 * What Chromium does for an origin whose site data is blocked: the same calls fail with errors of the same names.
 * Must stand alone, because it is sent as text.
 */
function denyStorage(): void {
  const denied = (name: string) => new DOMException('Denied.', name);
  const rejecting = (name: string) => () => Promise.reject(denied(name));
  StorageManager.prototype.getDirectory = rejecting('SecurityError');
  StorageManager.prototype.persist = () => Promise.resolve(false);
  LockManager.prototype.request = rejecting('SecurityError');
  LockManager.prototype.query = rejecting('SecurityError');
  CacheStorage.prototype.open = rejecting('SecurityError');
  CacheStorage.prototype.match = rejecting('SecurityError');
  IDBFactory.prototype.databases = rejecting('UnknownError');
  // A request that fails: the open of a database that is aborted at once.
  IDBFactory.prototype.open = () => {
    const request = new EventTarget() as IDBOpenDBRequest;
    Object.assign(request, { error: denied('UnknownError'), readyState: 'done' });
    queueMicrotask(() => {
      const event = new Event('error', { cancelable: true });
      request.dispatchEvent(event);
      request.onerror?.(event);
    });
    return request;
  };
  for (const name of ['localStorage', 'sessionStorage'])
    if (name in globalThis)
      Object.defineProperty(globalThis, name, {
        get: () => {
          throw denied('SecurityError');
        },
      });
  if (typeof ServiceWorkerContainer !== 'undefined')
    ServiceWorkerContainer.prototype.register = rejecting('NotSupportedError');
}
