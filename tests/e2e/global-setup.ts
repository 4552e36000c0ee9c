import type { TestProject } from 'vitest/node';
import { ensureBuilt, servePreview } from '../../scripts/prepare.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    url: string;
  }
}

/** Serves the built app once for all files. */
export default async function setup(project: TestProject) {
  await ensureBuilt();
  const server = await servePreview({ host: '127.0.0.1', port: 4373 });
  project.provide('url', server.url);
  return server.close;
}
