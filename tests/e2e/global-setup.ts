import { chromium } from 'playwright';
import type { TestProject } from 'vitest/node';
import { chromiumLaunch } from '../../scripts/chromium.mjs';
import { ensureBuilt, servePreview } from '../../scripts/prepare.mjs';

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
  const server = await servePreview({ host: '127.0.0.1', port: 4373 });
  project.provide('url', server.url);
  const browser = await chromium.launchServer(await chromiumLaunch('software'));
  project.provide('browser', browser.wsEndpoint());
  return async () => {
    await browser.close();
    await server.close();
  };
}
