/** The page with made-up runs, for work on its looks: `npx vite --config tests/harness/vite.config.ts`. */
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  publicDir: here('../../public'),
  cacheDir: here('../../node_modules/.vite-harness'),
  plugins: [react()],
  server: { port: 5199, strictPort: true, fs: { allow: [here('../..')] } },
});
