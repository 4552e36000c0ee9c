/** A real Chromium on the built app. Every page starts without memory and is watched for errors and for requests. */
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { chromiumLaunch } from '../../scripts/chromium.mjs';
import { patience } from '../patience';

export interface Visit {
  page: Page;
  /** Fails when the page logged an error, threw one, or asked anybody but its own server for something. */
  expectClean: () => void;
}

export type Open = (options?: BrowserContextOptions & { path?: string }) => Promise<Visit>;

/** Call at the top of a test file. */
export function useBrowser(): Open {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch(await chromiumLaunch('software'));
  });
  afterAll(() => browser.close());

  return async ({ path = '', ...options } = {}) => {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      ...options,
    });
    // What a page asks for is looked at; what is kept for later has tests of its own. As in a private window.
    await context.addInitScript(() => {
      if ('serviceWorker' in navigator)
        navigator.serviceWorker.register = () => Promise.reject(new Error('None in this test.'));
    });
    context.setDefaultTimeout(patience);
    const origin = new URL(inject('url')).origin;
    const errors: string[] = [];
    const strangers: string[] = [];
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (/^(https?|wss?):$/.test(url.protocol) && url.origin !== origin) strangers.push(url.href);
    });
    context.on('weberror', (error) => errors.push(String(error.error())));
    context.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    const page = await context.newPage();
    await page.goto(new URL(path, inject('url')).href);
    return {
      page,
      expectClean() {
        expect(errors).toEqual([]);
        expect(strangers).toEqual([]);
      },
    };
  };
}
