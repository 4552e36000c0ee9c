import { afterEach, expect, test, vi } from 'vitest';
import { keepOffline } from '../../../src/app/offline';
import type { Session } from '../../../src/app/store/session';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

/** The titles of messages after a worker has arrived beside what is there. */
async function messagesAfterArrival({ active }: { active: object | null }): Promise<string[]> {
  const titles: string[] = [];
  const arriving = Object.assign(new EventTarget(), { state: 'installing' });
  const registration = Object.assign(new EventTarget(), { active, waiting: null, installing: arriving });
  // What controls the page when the message comes: WebKit may tell of the first version only then.
  const serviceWorker = { controller: {}, register: () => Promise.resolve(registration) };
  vi.stubEnv('PROD', true);
  vi.stubGlobal('navigator', { serviceWorker });
  vi.stubGlobal('document', { baseURI: 'http://localhost/' });
  vi.stubGlobal('window', { setInterval: () => 0 });
  const view = { getState: () => ({ notify: ({ title }: { title: string }) => titles.push(title) }) };
  keepOffline({ view } as unknown as Session);
  await Promise.resolve();
  await Promise.resolve();
  registration.dispatchEvent(new Event('updatefound'));
  arriving.state = 'installed';
  arriving.dispatchEvent(new Event('statechange'));
  return titles;
}

test('the first version of the page is not offered as a new one', async () => {
  expect(await messagesAfterArrival({ active: null })).toEqual([]);
});

test('a later version is offered', async () => {
  expect(await messagesAfterArrival({ active: {} })).toEqual(['A new version is ready']);
});
