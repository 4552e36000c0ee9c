import type { TestProject } from 'vitest/node';
import { dist, ensureBuilt } from '../../scripts/prepare.mjs';
import config from '../../vite.config';
import { serveFolder } from './static-host';

declare module 'vitest' {
  interface ProvidedContext {
    url: string;
  }
}

/** Serves the built app, once for all files, as `npm start` does but uncompressed: that costs more than it spares here. */
export default async function setup(project: TestProject) {
  await ensureBuilt();
  const headers = config.preview?.headers as Record<string, string>;
  const server = await serveFolder(dist, undefined, undefined, 0, headers);
  project.provide('url', server.url);
  return server.stop;
}
