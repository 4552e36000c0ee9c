import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { byPage, fewScripts } from './scripts/chunks.mjs';
import { offline } from './scripts/offline.mjs';
import { wasmKernels } from './scripts/wasm-kernels.mjs';

/**
 * Nothing may leave the machine, and the browser is told to hold us to it. The policy is a meta tag in the built
 * pages, so that it survives any static host, and a header of `npm start`. Workers inherit it, because they start from
 * blobs (`src/worker/start-worker.ts`).
 * Mantine writes its theme variables into a style element, hence 'unsafe-inline' for styles only; TensorFlow.js
 * compiles WebAssembly.
 */
const contentPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self' blob: data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * Isolates the page from other origins, which lets threads share memory. The service worker sends the same headers on a
 * host that does not (`src/offline/service-worker.ts`).
 */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Only for builds: the dev server injects inline scripts for hot reloading, which the policy would stop. */
function contentPolicyMeta(): Plugin {
  return {
    name: 'retort:content-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: contentPolicy },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/**
 * What the scripts of `chunks.mjs` need, which take everything out of the entries: an entry only imports them, and no chunk
 * imports an entry (tests/e2e/bundle.test.ts), because WebKit evaluates a worker's entry a second time then. A plugin and
 * not a setting, because Vite sets its own value for workers.
 */
function untouchedEntries(): Plugin {
  return {
    name: 'retort:untouched-entries',
    apply: 'build',
    options: (options) => ({ ...options, preserveEntrySignatures: 'allow-extension' }),
  };
}

const entry = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const pages = { index: entry('index.html'), headless: entry('headless.html') };

export default defineConfig({
  // Relative addresses, so that dist works from any folder of any static host.
  base: './',
  plugins: [react(), contentPolicyMeta(), offline(), untouchedEntries(), wasmKernels()],
  // No page is served for an unknown address: a missing data file must be an error, not a page.
  appType: 'mpa',
  worker: {
    format: 'es',
    plugins: () => [untouchedEntries(), wasmKernels()],
    rolldownOptions: { output: fewScripts(() => 'worker', 100_000) },
  },
  build: {
    target: 'es2023',
    // All of these know light-dark(); rewritten for older ones, the dark theme of the page would lose its colours.
    cssTarget: ['chrome125', 'edge125', 'firefox125', 'safari17.5'],
    // Read by the size budget (tests/e2e) and by `npm run bench`.
    manifest: true,
    rolldownOptions: {
      input: pages,
      output: fewScripts(byPage(pages), 30_000),
    },
    // Workers with TensorFlow.js are large by nature; the page's own budget is asserted in tests/e2e.
    chunkSizeWarningLimit: 2000,
  },
  server: { headers: isolation },
  preview: {
    headers: { 'Content-Security-Policy': `${contentPolicy}; frame-ancestors 'self'`, ...isolation },
  },
});
