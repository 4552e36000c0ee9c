/**
 * The one place that knows where a Chromium is and how it is started, for tests, `npm run distill` and `npm run bench`.
 * Order: a browser named in the environment, an installed one, the one that comes with the npm packages.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

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
 */

/**
 * Options for `chromium.launch` of Playwright.
 * @param {Graphics} graphics
 * @returns {Promise<ChromiumLaunch>}
 */
export async function chromiumLaunch(graphics = 'software') {
  return { ...(await findChromium()), args: [...commonArgs, ...graphicsArgs[graphics]] };
}

/**
 * RETORT_CHROMIUM=packaged passes over installed browsers.
 * @returns {Promise<Omit<ChromiumLaunch, 'args'>>}
 */
async function findChromium() {
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const named = env['RETORT_CHROMIUM'] || env['CHROME_PATH'];
  if (named === 'packaged') return packagedChromium(env);
  if (named && !existsSync(named))
    throw new Error(`RETORT_CHROMIUM or CHROME_PATH names ${named}, but there is no such file.`);
  const executablePath = named || installedPlaces().find((place) => existsSync(place));
  return executablePath ? { executablePath, env } : packagedChromium(env);
}

/**
 * The browser among the npm packages: a brotli file made for cloud functions, with the libraries (NSS and friends)
 * that a bare Linux lacks. It is unpacked once into node_modules and not, as the package would, into the shared
 * temporary folder, where a half-written copy of another process could be mistaken for a browser.
 * @param {Record<string, string>} env
 * @returns {Promise<Omit<ChromiumLaunch, 'args'>>}
 */
async function packagedChromium(env) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      'No Chrome or Chromium was found. Install one, or name its program file in the variable RETORT_CHROMIUM.',
    );
  const home = join(root, 'node_modules', '.cache', 'retort-chromium');
  if (!existsSync(home)) await unpackChromium(home);
  const fonts = join(home, 'fonts');
  return {
    executablePath: join(home, 'chromium'),
    env: {
      ...env,
      FONTCONFIG_PATH: env['FONTCONFIG_PATH'] ?? fonts,
      LD_LIBRARY_PATH: [join(home, 'al2023', 'lib'), home, env['LD_LIBRARY_PATH']].filter(Boolean).join(':'),
    },
  };
}

/** @param {string} home */
async function unpackChromium(home) {
  const { inflate } = await import('@sparticuz/chromium');
  const bin = join(root, 'node_modules', '@sparticuz', 'chromium', 'bin');
  mkdirSync(dirname(home), { recursive: true });
  const draft = mkdtempSync(`${home}-`);
  // The package unpacks to the temporary folder and has no option for another one.
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = draft;
  try {
    for (const archive of ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br'])
      await inflate(join(bin, archive));
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
  try {
    renameSync(draft, home);
  } catch (error) {
    // Another process was faster; its copy is as good as this one.
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
}
