import { availableParallelism } from 'node:os';
import { playwright } from '@vitest/browser-playwright';
import { configDefaults, defineConfig } from 'vitest/config';
import { chromiumLaunch } from './scripts/chromium.mjs';
import { tensorflowEntries } from './scripts/tensorflow-entries.mjs';
import { patience, testPatience } from './tests/patience.ts';

const browser = await chromiumLaunch();

/** `npm run test:long` adds what rightly takes long: every method and every backend for itself. */
const exclude = [
  ...configDefaults.exclude,
  ...(process.env['RETORT_LONG_TESTS'] === '1' ? [] : ['**/*.long.test.ts']),
];

export default defineConfig({
  test: {
    projects: [
      {
        extends: './vite.config.ts',
        test: {
          name: 'unit',
          environment: 'node',
          include: ['tests/unit/**/*.test.{ts,tsx}', 'tests/golden/**/*.test.ts'],
          setupFiles: ['tests/support/equal-arrays.ts'],
          // The report embeds this one as text; Vitest empties style sheets otherwise.
          css: { include: [/report\/colours\.css/] },
          exclude,
          testTimeout: testPatience,
          hookTimeout: testPatience,
          // Left to itself Vitest keeps a core free, which is half of a machine with two.
          maxWorkers: availableParallelism(),
          // Files share nothing but modules: loading these anew for each file was a quarter of the time.
          pool: 'threads',
          isolate: false,
          // Importing tfjs in its CommonJS and in its ES build gives two engines, so Vite handles all of it; bundled
          // ahead, because its hundreds of small files cost seconds per test file otherwise.
          server: { deps: { inline: [/@tensorflow\//] } },
          deps: {
            optimizer: {
              ssr: { enabled: true, include: tensorflowEntries },
            },
          },
        },
      },
      {
        extends: './vite.config.ts',
        // Named here, because a dependency that is discovered in mid-run makes Vite reload the page under the tests.
        optimizeDeps: {
          include: [
            ...tensorflowEntries,
            '@zip.js/zip.js',
            'fflate',
            'hyparquet',
            'hyparquet-compressors',
            'papaparse',
            'pure-rand/distribution/uniformFloat64',
            'pure-rand/distribution/uniformInt',
            'pure-rand/generator/xoroshiro128plus',
            'zod/mini',
          ],
        },
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.{ts,tsx}'],
          setupFiles: ['tests/support/equal-arrays.ts'],
          exclude,
          testTimeout: testPatience,
          hookTimeout: testPatience,
          // Software WebGPU takes every core there is: files one after the other are faster than side by side.
          fileParallelism: false,
          // One page for all files: most of the time goes into compiling kernels, which many files have in common.
          isolate: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: browser }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        test: {
          // Not part of `npm test`: `npm run test:browsers`.
          name: 'browsers',
          environment: 'node',
          include: ['tests/browsers/**/*.test.ts'],
          globalSetup: './tests/e2e/global-setup.ts',
          testTimeout: testPatience,
          hookTimeout: testPatience,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['tests/e2e/**/*.test.ts'],
          exclude,
          globalSetup: './tests/e2e/global-setup.ts',
          expect: { poll: { timeout: patience } },
          testTimeout: testPatience,
          hookTimeout: testPatience,
          // A page that waits for its worker, or a command for its browser, leaves a core to the other.
          maxWorkers: 2,
          // Files share nothing but modules, among them the driver of the browser.
          isolate: false,
        },
      },
    ],
  },
});
