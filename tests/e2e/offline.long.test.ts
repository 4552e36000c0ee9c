import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { openBrowser, temporaryFolder } from './own-browser';
import { link, result, shortRun, start, untilFinished, untilKept } from './run-page';

test('in a whole visit the browser asks nobody but the page’s own server', async () => {
  const profile = temporaryFolder();
  const log = join(profile, 'requests.json');
  // The browser's own record: pages, workers, service workers and whatever else opens a connection.
  const { context, close } = await openBrowser(profile, { args: [`--log-net-log=${log}`], offline: true });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(inject('url') + link(shortRun));
  await untilKept(page);
  await start(page);
  await untilFinished(page);
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
