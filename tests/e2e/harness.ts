/**
 * A real Chromium on the built app. Every page starts without memory, is watched for errors and for
 * requests, and ends with its test.
 */
import { buffer } from 'node:stream/consumers';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Download,
  type Page,
} from 'playwright';
import { beforeAll, expect, inject, onTestFinished } from 'vitest';
import { chromiumLaunch } from '../../scripts/chromium.mjs';
import { patience } from '../patience';

export interface Visit {
  page: Page;
  /** Fails when the page logged an error, threw one, or asked anybody but its own server for something. */
  expectClean: () => void;
}

/** `host` is an address that ends with "/", in place of that of the served build; `path` comes after it. */
export type Open = (options?: BrowserContextOptions & { host?: string; path?: string }) => Promise<Visit>;

/** One for all files of a process, with which it ends. */
let launched: Promise<Browser> | null = null;

/** Call at the top of a test file. */
export function useBrowser(): Open {
  let browser: Browser;
  beforeAll(async () => {
    browser = await (launched ??= chromiumLaunch('software').then((options) => chromium.launch(options)));
  });

  return async ({ host = inject('url'), path = '', ...options } = {}) => {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      // Pictures of what moves are most of what a page costs here; pages over plain http and offline have them.
      reducedMotion: 'reduce',
      ...options,
    });
    // A run that goes on would take the next tests' time.
    onTestFinished(() => context.close());
    await withoutServiceWorker(context);
    context.setDefaultTimeout(patience);
    const origin = new URL(host).origin;
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
    await page.goto(host + path);
    return {
      page,
      expectClean() {
        expect(errors).toEqual([]);
        expect(strangers).toEqual([]);
      },
    };
  };
}

/** Bytes of a file that the page saved. */
export async function contentOf(file: Download): Promise<Buffer> {
  return buffer(await file.createReadStream());
}

/** As in a private window: what a page asks for is looked at; what it keeps for later has tests of its own. */
export function withoutServiceWorker(context: BrowserContext): Promise<unknown> {
  return context.addInitScript(() => {
    if ('serviceWorker' in navigator)
      navigator.serviceWorker.register = () => Promise.reject(new Error('None in this test.'));
  });
}
