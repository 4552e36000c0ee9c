import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dist } from '../../scripts/prepare.mjs';
import { openBrowser, temporaryFolder } from './own-browser';
import { link, messages, shortRun, start, untilFinished, untilKept } from './run-page';
import { serveFolder } from './static-host';
import { trainingWorker } from './training-worker';

test('from a folder of any static host the page opens and trains without a network, and runs a new version after a click, not before', async () => {
  const files = temporaryFolder();
  const folder = join(files, 'some', 'folder');
  cpSync(dist, folder, { recursive: true });
  const host = await serveFolder(files);
  onTestFinished(host.stop);
  const { context } = await openBrowser(temporaryFolder(), { offline: true });
  const page = await context.newPage();
  await page.goto(`${host.url}some/folder/${link(shortRun)}`);
  await untilKept(page);
  /** Its size; null where it cannot be had. */
  const sizeOf = (path: string) =>
    page.evaluate(
      (at) =>
        fetch(at)
          .then((answer) => answer.arrayBuffer())
          .then(
            ({ byteLength }) => byteLength,
            () => null,
          ),
      path,
    );
  const [used, unused] = ['teachers/fashion-28x28-resnet8.safetensors', 'generators/digits-8x8.safetensors'];
  const whole = statSync(join(folder, used)).size;
  expect(await sizeOf(used)).toBe(whole);

  await host.stop();
  await page.reload();
  await start(page);
  await untilFinished(page);
  // The service worker sends the headers that the host does not, so that threads can share memory.
  const isolated = () => globalThis.crossOriginIsolated;
  expect([await page.evaluate(isolated), await (await trainingWorker(page)).evaluate(isolated)]).toEqual([
    true,
    true,
  ]);
  // What comes later comes from the same place: dialogs, their fonts, the other examples.
  await page.locator('body').press('m');
  await page.getByRole('dialog').getByRole('group', { name: 'Formula' }).waitFor();
  expect(await page.evaluate(() => fetch('examples/few-labels.json').then(({ ok }) => ok))).toBe(true);

  // Large files are kept once they were used.
  expect([await sizeOf(used), await sizeOf(unused)]).toEqual([whole, null]);

  const script = join(folder, 'service-worker.js');
  writeFileSync(
    script,
    readFileSync(script, 'utf8')
      .replace(/"version":"\w+"/, '"version":"later"')
      .replace(new RegExp(`("${used}"):"\\w+"`), '$1:"changed"'),
  );
  writeFileSync(join(folder, used), 'changed');
  const home = join(folder, 'index.html');
  writeFileSync(home, readFileSync(home, 'utf8').replace('<title>', '<title>Later '));
  const again = await serveFolder(files, undefined, undefined, host.port);
  onTestFinished(again.stop);
  await page.reload();
  await messages(page).getByText('A new version is ready').waitFor();
  expect(await page.title()).not.toContain('Later');
  await messages(page).getByRole('button', { name: 'Reload' }).click();
  await expect.poll(() => page.title().catch(() => '')).toContain('Later');
  expect(await page.evaluate(() => window.caches.keys())).toContain('retort-build-later');
  // A large file of the same name and other content is fetched anew.
  await expect.poll(() => sizeOf(used)).toBe('changed'.length);
});
