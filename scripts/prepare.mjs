/**
 * What every command needs first: a Node that is new enough, the packages of the lock file, a build that is not older
 * than its sources. Uses nothing but Node at import time, since it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const dist = join(root, 'dist');
const manifest = join(dist, '.vite', 'manifest.json');

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(
    `Retort needs Node 20.19 or newer; this is Node ${process.versions.node}. Get a newer one at https://nodejs.org.`,
  );
  process.exit(1);
}

/**
 * Whether node_modules holds what the lock file asks for. Versions are compared and not times, because a fresh
 * checkout of an unchanged lock file is newer than the packages.
 */
function isInstalled() {
  const installedLock = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(installedLock);
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  );
}

/**
 * @param {string} lock
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function readPackages(lock) {
  return JSON.parse(readFileSync(lock, 'utf8')).packages ?? {};
}

export function ensureInstalled() {
  if (isInstalled()) return;
  console.error('Installing the packages of package-lock.json (once, needs the network) ...');
  const npm = process.env['npm_execpath'];
  const options = ['ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...options], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', options, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (done.status === 0) return;
  console.error('The packages could not be installed. Check the network, then run this command again.');
  process.exit(1);
}

/** @param {string} path @returns {number} */
function newestChange(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  // A folder's own time tells of files that were deleted.
  return readdirSync(path).reduce(
    (time, name) => Math.max(time, newestChange(join(path, name))),
    stat.mtimeMs,
  );
}

function isBuilt() {
  if (!existsSync(manifest)) return false;
  const built = statSync(manifest).mtimeMs;
  return [
    'src',
    'public',
    'index.html',
    'headless.html',
    'vite.config.ts',
    'scripts/chunks.mjs',
    'scripts/later-scripts.mjs',
    'scripts/offline.mjs',
    'package-lock.json',
  ].every((path) => newestChange(join(root, path)) <= built);
}

/** Needs the packages. */
export async function ensureBuilt() {
  if (isBuilt()) return;
  console.error('Building the page ...');
  const start = new Date();
  const { build } = await import('vite');
  const { NODE_ENV } = process.env;
  // Vitest sets it to "test", and Vite would build React's development half into the page.
  process.env['NODE_ENV'] = 'production';
  await build({ root, logLevel: 'error' });
  if (NODE_ENV === undefined) delete process.env['NODE_ENV'];
  else process.env['NODE_ENV'] = NODE_ENV;
  // A source that was saved during the build must count as newer than the build.
  utimesSync(manifest, start, start);
}

/**
 * Serves the build: to this machine only, or to all that can reach it.
 * @param {{ host: string, port: number, open?: boolean, forAll?: boolean, middleware?: import('vite').Connect.NextHandleFunction }} where
 *   `middleware`: asked about each request before the build
 * @returns an address with `host`, and how to stop
 */
export async function servePreview({ host, port, open = false, forAll = false, middleware }) {
  const { preview } = await import('vite');
  /** @type {import('vite').Plugin} */
  const asked = {
    name: 'ask-before-build',
    configurePreviewServer: (server) => void server.middlewares.use(/** @type {any} */ (middleware)),
  };
  // Any host name is accepted, because the server only serves public files.
  const reach = forAll ? /** @type {const} */ ({ host: true, allowedHosts: true }) : { host };
  const plugins = middleware ? [asked] : [];
  const server = await preview({ root, logLevel: 'error', plugins, preview: { ...reach, port, open } });
  const address = server.httpServer.address();
  if (!address || typeof address === 'string') throw new Error('The preview server has no address.');
  return { url: `http://${host}:${address.port}/`, port: address.port, close: () => server.close() };
}
