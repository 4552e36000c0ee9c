/**
 * The Chromium among the npm packages: brotli archives made for cloud functions, with the libraries (NSS and friends)
 * that a bare Linux lacks. They are unpacked here and not by the package, which would write to the shared temporary
 * folder, where a half-written copy of another process could be mistaken for a browser, and would keep the owners of
 * the archive, which a container may not know.
 */
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib';

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
const packaged = join(modules, '@sparticuz', 'chromium');

/** The archive's own list names folders of a cloud function; without any font the browser ends on the first text. */
const fontList = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

/** Whether the packages bring a browser for this machine. */
export function hasPackagedChromium() {
  return process.platform === 'linux' && process.arch === 'x64' && existsSync(packaged);
}

/**
 * @param {Record<string, string>} env
 * @returns {Promise<{ executablePath: string, env: Record<string, string> }>}
 */
export async function packagedChromium(env) {
  if (!hasPackagedChromium())
    throw new Error(
      'No Chrome or Chromium was found. Install one, or name its program file in the variable RETORT_CHROMIUM.',
    );
  const { version } = JSON.parse(readFileSync(join(packaged, 'package.json'), 'utf8'));
  const home = join(modules, '.cache', `retort-chromium-${version}`);
  if (!existsSync(home)) await unpack(home);
  return {
    executablePath: join(home, 'chromium'),
    env: {
      ...env,
      FONTCONFIG_PATH: join(home, 'fonts'),
      LD_LIBRARY_PATH: [join(home, 'al2023', 'lib'), home, env['LD_LIBRARY_PATH']].filter(Boolean).join(':'),
    },
  };
}

/** @param {string} home */
async function unpack(home) {
  mkdirSync(dirname(home), { recursive: true });
  const draft = mkdtempSync(`${home}-`);
  const archive = (/** @type {string} */ name) => join(packaged, 'bin', name);
  try {
    await pipeline(
      createReadStream(archive('chromium.br')),
      createBrotliDecompress(),
      createWriteStream(join(draft, 'chromium'), { mode: 0o755 }),
    );
    unpackTar(archive('swiftshader.tar.br'), draft);
    unpackTar(archive('fonts.tar.br'), join(draft, 'fonts'));
    unpackTar(archive('al2023.tar.br'), join(draft, 'al2023'));
    writeFileSync(join(draft, 'fonts', 'fonts.conf'), fontList);
    renameSync(draft, home);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another process may have been faster; its copy is as good as this one.
    if (!existsSync(home)) throw error;
  }
}

/** Plain files only, which is all that these archives hold beside folders. @param {string} archive @param {string} folder */
function unpackTar(archive, folder) {
  const bytes = brotliDecompressSync(readFileSync(archive));
  const text = (/** @type {number} */ start, /** @type {number} */ length) =>
    bytes.toString('latin1', start, start + length).replace(/\0.*$/s, '');
  for (let at = 0; text(at, 100) !== '';) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    if (text(at + 156, 1) === '0') {
      const path = join(folder, text(at, 100));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes.subarray(at + 512, at + 512 + size), { mode: 0o755 });
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
