/**
 * The one place that knows where a Chromium is and how it is started, for tests, `npm run distill` and `npm run bench`.
 * Order: a browser named in the environment, an installed one, the one that comes with the npm packages.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasPackagedChromium, packagedChromium } from './packaged-chromium.mjs';

/** No background traffic: a test that counts requests must only see the page's own. */
const commonArgs = [
  '--headless=new',
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  // Off Linux the browser finds its graphics card without being told.
  ...(process.platform === 'linux' ? ['--enable-features=Vulkan'] : []),
];

/**
 * Tests compute in software everywhere, so that they see the same adapter with and without a graphics card; commands
 * take the card if there is one, and Chromium falls back to software by itself.
 * @typedef {'software' | 'best'} Graphics
 */
/** @type {Record<Graphics, string[]>} */
const graphicsArgs = { software: ['--use-webgpu-adapter=swiftshader'], best: [] };

function installedPlaces() {
  const { platform, env } = process;
  if (platform === 'darwin') {
    return ['', env['HOME'] ?? ''].flatMap((root) => [
      `${root}/Applications/Google Chrome.app/Contents/MacOS/Google Chrome`,
      `${root}/Applications/Chromium.app/Contents/MacOS/Chromium`,
      `${root}/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge`,
    ]);
  }
  if (platform === 'win32') {
    return [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']].flatMap((root) =>
      root
        ? [
            join(root, 'Google\\Chrome\\Application\\chrome.exe'),
            join(root, 'Chromium\\Application\\chrome.exe'),
            join(root, 'Microsoft\\Edge\\Application\\msedge.exe'),
          ]
        : [],
    );
  }
  const names = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome'];
  const folders = (env['PATH'] ?? '').split(':').filter(Boolean);
  return [
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...names.map((name) => `/usr/bin/${name}`),
    '/opt/google/chrome/chrome',
    '/snap/bin/chromium',
  ];
}

/**
 * @typedef {object} ChromiumLaunch
 * @property {string} executablePath
 * @property {string[]} args
 * @property {Record<string, string>} env
 * @property {boolean} handleSIGINT
 * @property {boolean} handleSIGTERM
 * @property {boolean} handleSIGHUP
 */

/**
 * Options for `chromium.launch` of Playwright.
 * @param {Graphics} graphics
 * @returns {Promise<ChromiumLaunch>}
 */
export async function chromiumLaunch(graphics = 'software') {
  return {
    ...(await findChromium()),
    args: [...commonArgs, ...graphicsArgs[graphics]],
    // Commands end on signals by themselves, and the browser with them: see `endOnSignals`.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  };
}

/**
 * RETORT_CHROMIUM=packaged passes over installed browsers wherever the packages bring one.
 * @returns {Promise<Pick<ChromiumLaunch, 'executablePath' | 'env'>>}
 */
async function findChromium() {
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const named = env['RETORT_CHROMIUM'] || env['CHROME_PATH'];
  if (named === 'packaged' && hasPackagedChromium()) return packagedChromium(env);
  if (named && named !== 'packaged' && !existsSync(named))
    throw new Error(`RETORT_CHROMIUM or CHROME_PATH names ${named}, but there is no such file.`);
  const executablePath =
    named && named !== 'packaged' ? named : installedPlaces().find((place) => existsSync(place));
  return executablePath ? { executablePath, env } : packagedChromium(env);
}
