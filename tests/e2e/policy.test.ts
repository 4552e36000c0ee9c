/** What the content policy lets through, on a host that sends no header: all of it stands in the page. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, inject, onTestFinished, test } from 'vitest';
import { dist } from '../../scripts/prepare.mjs';
import { openExport } from './export-dialog';
import { classNames, pictureZip } from './fixtures';
import { openBrowser, temporaryFolder } from './own-browser';
import { link, shortRun, start, untilFinished } from './run-page';
import { serveFolder } from './static-host';

/** Another origin, which lets everybody read it and counts who asked. */
async function stranger(): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.end('Read me.');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked: () => asked };
}

/** What is tried in a page or a worker; it must stand alone, because it is sent there as text. */
async function reach(address: string): Promise<Record<string, boolean>> {
  const succeeds = (work: Promise<unknown>) =>
    work.then(
      () => true,
      () => false,
    );
  return {
    'own origin': await succeeds(fetch(self.name || location.href)),
    fetch: await succeeds(fetch(address)),
    'fetch without an answer': await succeeds(fetch(address, { mode: 'no-cors' })),
    socket: await new Promise<boolean>((resolve) => {
      try {
        const socket = new WebSocket(address.replace('http', 'ws'));
        // Only a refusal by the policy comes as this event; a server that is no socket gives one, too, but is asked.
        socket.onerror = () => resolve(false);
        socket.onopen = () => resolve(true);
      } catch {
        resolve(false);
      }
    }),
  };
}

/** Tries to run code that is no file of the page's own. */
async function slipIn(): Promise<Record<string, boolean>> {
  const script = document.createElement('script');
  script.textContent = 'window.slipped = true';
  document.head.append(script);
  return {
    'inline script': 'slipped' in window,
    // In a task of its own: what the test's driver evaluates itself is exempt.
    'evaluated string': await new Promise<boolean>((resolve) => {
      setTimeout(() => {
        try {
          Reflect.construct(Function, ['return true']);
          resolve(true);
        } catch {
          resolve(false);
        }
      });
    }),
  };
}

const onlyOwn = {
  'own origin': true,
  fetch: false,
  'fetch without an answer': false,
  socket: false,
};

test('page and workers reach no other origin and run no other code on a host that sends no headers', async () => {
  const other = await stranger();
  const host = await serveFolder(dist);
  onTestFinished(host.stop);
  const { context } = await openBrowser(temporaryFolder());
  const page = await context.newPage();
  // An import worker lives no longer than its import, which would end while it is being questioned.
  await page.addInitScript(() => (Worker.prototype.terminate = () => undefined));
  await page.goto(host.url + link(shortRun));
  expect(await page.evaluate(reach, other.url)).toEqual(onlyOwn);
  expect(await page.evaluate(slipIn)).toEqual({ 'inline script': false, 'evaluated string': false });

  // One of each kind: of imports, of training, of exports, and the one that loads the saved model back.
  await page.keyboard.press('d');
  await page
    .getByLabel('Data files')
    .setInputFiles({ name: 'stripes.zip', mimeType: 'application/zip', buffer: Buffer.from(pictureZip(10)) });
  await page.getByRole('cell', { name: classNames[0]!, exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await start(page);
  await untilFinished(page);
  const dialog = await openExport(page);
  await dialog.getByRole('radio', { name: 'ONNX' }).check();
  await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save the network' }).click(),
  ]);

  const names = await Promise.all(page.workers().map((worker) => worker.evaluate(() => self.name)));
  const kinds = ['export', 'import', 'onnx', 'training'].map((name) => `${host.url}#${name}`);
  expect([...new Set(names)].sort()).toEqual(kinds);
  for (const worker of page.workers()) expect(await worker.evaluate(reach, other.url)).toEqual(onlyOwn);
  expect(other.asked()).toBe(0);
});

test('the policy lets no inline script and no evaluated string through', async () => {
  const page = await (await fetch(inject('url'))).text();
  const scripts = /script-src ([^;]*)/.exec(page.replaceAll('&#39;', "'"))?.[1];
  expect(scripts).toBe("'self' 'wasm-unsafe-eval'");
});
