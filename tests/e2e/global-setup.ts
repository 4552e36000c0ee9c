import type { TestProject } from 'vitest/node';
import { dist, ensureBuilt } from '../../scripts/prepare.mjs';
import { serveFolder } from './static-host';

declare module 'vitest' {
  interface ProvidedContext {
    url: string;
  }
}

/** Serves the built app, once for all files. */
export default async function setup(project: TestProject) {
  await ensureBuilt();
  // Without compression, which costs more than it spares where nothing is far away.
  const server = await serveFolder(dist);
  project.provide('url', server.url);
  return server.stop;
}
