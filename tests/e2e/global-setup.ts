import { chromium } from 'playwright';
import type { TestProject } from 'vitest/node';
import { chromiumLaunch } from '../../scripts/chromium.mjs';
import { dist, ensureBuilt } from '../../scripts/prepare.mjs';
import { serveFolder } from './static-host';

declare module 'vitest' {
  interface ProvidedContext {
    url: string;
    /** Where the browser that all files share is spoken to. */
    browser: string;
  }
}

/** Serves the built app and starts a browser, once for all files. */
export default async function setup(project: TestProject) {
  await ensureBuilt();
  // Without compression, which costs more than it spares where nothing is far away.
  const server = await serveFolder(dist);
  project.provide('url', server.url);
  const browser = await chromium.launchServer(await chromiumLaunch('software'));
  project.provide('browser', browser.wsEndpoint());
  return async () => {
    await browser.close();
    await server.stop();
  };
}
