import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { dist } from '../../scripts/prepare.mjs';
import { openBrowser, temporaryFolder } from './own-browser';
import { serveFolder } from './static-host';

async function serve(folder: string) {
  const host = await serveFolder(folder);
  onTestFinished(host.stop);
  return host;
}

const result = (page: Page) => page.getByRole('region', { name: 'Result' });

async function untilKept(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
}

async function trainToTheEnd(page: Page): Promise<void> {
  await result(page).getByRole('button', { name: 'Start', exact: true }).click();
  await result(page)
    .getByText(/^finished after/)
    .waitFor();
}

describe('the page without a network', () => {
  test('opens and trains after its first load, from a folder of any static host', async () => {
    const host = temporaryFolder();
    cpSync(dist, join(host, 'some', 'folder'), { recursive: true });
    const { url, stop } = await serve(host);
    const { context } = await openBrowser(temporaryFolder());
    const page = await context.newPage();
    await page.goto(`${url}some/folder/`);
    await untilKept(page);
    await stop();

    await page.reload();
    await trainToTheEnd(page);
    // What comes later comes from the same place: dialogs, their fonts, the other examples.
    await page.locator('body').press('m');
    await page.getByRole('dialog').getByRole('group', { name: 'Formula' }).waitFor();
    expect(await page.evaluate(() => fetch('examples/few-labels.json').then(({ ok }) => ok))).toBe(true);
  });

  test('offers a new version and runs it after a click, not before', async () => {
    const host = temporaryFolder();
    cpSync(dist, host, { recursive: true });
    const { url } = await serve(host);
    const { context } = await openBrowser(temporaryFolder());
    const page = await context.newPage();
    await page.goto(url);
    await untilKept(page);

    const script = join(host, 'service-worker.js');
    writeFileSync(script, readFileSync(script, 'utf8').replace(/"version":"\w+"/, '"version":"later"'));
    const home = join(host, 'index.html');
    writeFileSync(home, readFileSync(home, 'utf8').replace('<title>', '<title>Later '));
    await page.reload();
    const offer = page.getByRole('region', { name: 'Messages' }).getByText('A new version is ready');
    await offer.waitFor();
    expect(await page.title()).not.toContain('Later');
    await page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Reload' }).click();
    await expect.poll(() => page.title().catch(() => '')).toContain('Later');
    const caches = await page.evaluate(() => window.caches.keys());
    expect(caches).toContain('retort-build-later');
  });
});

test('in a whole visit the browser asks nobody but the page’s own server', async () => {
  const profile = temporaryFolder();
  const log = join(profile, 'requests.json');
  // The browser's own record: pages, workers, service workers and whatever else opens a connection.
  const { context, close } = await openBrowser(profile, [`--log-net-log=${log}`]);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(inject('url'));
  await untilKept(page);
  await trainToTheEnd(page);
  for (const key of ['m', 'd', '?']) {
    await page.locator('body').press(key);
    // Its content comes in a chunk of its own.
    await page.getByRole('dialog').getByRole('heading').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  }
  await page.reload();
  await result(page).getByText('Multiply-adds').waitFor();
  await close();

  const { events } = JSON.parse(readFileSync(log, 'utf8')) as {
    events: { params?: { url?: string; initiator?: string } }[];
  };
  // A browser's own errands (updates and the like) have no page that began them.
  const asked = events.flatMap(({ params }) =>
    params?.url && params.initiator && params.initiator !== 'not an origin' ? [new URL(params.url)] : [],
  );
  const { origin } = new URL(inject('url'));
  expect(asked.filter((address) => address.origin === origin).length).toBeGreaterThan(20);
  expect(asked.filter(({ protocol }) => /^(https?|wss?):$/.test(protocol)).map(String)).toEqual(
    expect.arrayContaining([expect.stringContaining('training.worker')]),
  );
  const strangers = asked.filter(
    (address) => /^(https?|wss?):$/.test(address.protocol) && address.origin !== origin,
  );
  expect(strangers.map(String)).toEqual([]);
  expect(errors).toEqual([]);
});
