/** The page in other browsers than Chromium: `npm run test:browsers`. A browser that is not installed is passed over. */
import { expect, inject, test } from 'vitest';
import { pictureZip } from '../e2e/fixtures';
import { readStored, type StoredLog } from '../e2e/stored';
import { missing, openChromium, openFirefox, openWebkit, type DrivenBrowser } from './driven';

/** With HKD: a step that looks two steps ahead. */
const hkd = {
  title: 'HKD',
  seed: 5,
  teacher: { kind: 'single', knobs: { source: 'shipped' } },
  hints: [
    { id: 'kd', weight: 1 },
    { id: 'fitnet', weight: 1 },
  ],
  weighting: { id: 'hint-dynamic', knobs: { metaInterval: 5, metaWarmup: 0 } },
  schedule: { steps: 60, evaluateEvery: 20 },
};

const browsers = [
  { name: 'Firefox', lacks: missing.firefox(), open: openFirefox },
  { name: 'WebKit', lacks: missing.webkit(), open: openWebkit },
];
for (const { name, lacks } of browsers)
  if (lacks) console.warn(`${name} is not tested: there is no ${lacks}.`);
if (missing.firefoxWebgpu()) console.warn(`Firefox’s WebGPU is not tested: no ${missing.firefoxWebgpu()}.`);

test.each(browsers.filter(({ lacks }) => lacks === null))(
  '$name: the first run is that of Chromium, comes back after a reload, and an import trains',
  async ({ open }) => {
    const browser = await open(inject('url'));
    await runToTheEnd(browser, 1);
    const [run] = await browser.evaluate(readStored);
    expect(await messagesOf(browser)).toBe('');

    await reload(browser);
    await until(browser, () => {
      const entry = document.querySelector<HTMLButtonElement>('[aria-label="Runs"] li button');
      entry?.click();
      return entry !== null;
    });
    await until(browser, () => document.body.innerText.includes('finished after'));
    // Nothing is begun twice, nothing is lost.
    expect(await browser.evaluate(readStored)).toEqual([run]);

    await importZip(browser, pictureZip(30));
    await runToTheEnd(browser, 2);
    const [, second] = await browser.evaluate(readStored);
    expect(second!.final!['student']).toBeGreaterThan(0.6);
    expect(await messagesOf(browser)).toBe('');

    const other = await openChromium(inject('url'));
    await runToTheEnd(other, 1);
    expectSameNumbers(run!, (await other.evaluate(readStored))[0]!);
  },
);

test.skipIf(missing.firefoxWebgpu() !== null).each([
  { name: 'the first run', hash: '' },
  { name: 'HKD', hash: `#v2=${Buffer.from(JSON.stringify(hkd)).toString('base64url')}` },
])('Firefox’s WebGPU gives the numbers of Chromium: $name', async ({ hash }) => {
  const browser = await openFirefox(inject('url') + hash, true);
  await chooseWebgpu(browser);
  await runToTheEnd(browser, 1);
  const [run] = await browser.evaluate(readStored);
  const other = await openChromium(inject('url') + hash);
  await runToTheEnd(other, 1);
  expectSameNumbers(run!, (await other.evaluate(readStored))[0]!);
});

/** Two engines round differently, and rounding grows along a run. */
function expectSameNumbers(one: StoredLog, other: StoredLog): void {
  const losses = ({ steps }: StoredLog) => steps.find(({ phase }) => phase === 'student')!.values;
  expect(Object.keys(losses(one))).toEqual(Object.keys(losses(other)));
  for (const [name, values] of Object.entries(losses(one)))
    for (const [step, value] of values.slice(0, 20).entries())
      expect(Math.abs(value - losses(other)[name]![step]!), `${name} at ${step}`).toBeLessThan(
        1e-3 * Math.max(1, Math.abs(value)),
      );
  for (const [learner, accuracy] of Object.entries(one.final!))
    expect(Math.abs(accuracy - other.final![learner]!), learner).toBeLessThanOrEqual(0.005);
}

/** Asks the page until it answers yes; the limit is the test's. */
async function until<A extends unknown[]>(
  browser: DrivenBrowser,
  condition: (...args: A) => boolean,
  ...args: A
): Promise<void> {
  while (!(await browser.evaluate(condition, ...args)))
    await new Promise((resolve) => setTimeout(resolve, 200));
}

async function runToTheEnd(browser: DrivenBrowser, count: number): Promise<void> {
  await deviceIsKnown(browser);
  await click(browser, 'Start');
  while ((await browser.evaluate(readStored)).filter(({ state }) => state === 'finished').length < count)
    await new Promise((resolve) => setTimeout(resolve, 1000));
}

const messagesOf = (browser: DrivenBrowser): Promise<string> =>
  browser.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[aria-label="Messages"]')]
      .map(({ innerText }) => innerText)
      .join('\n'),
  );

async function reload(browser: DrivenBrowser): Promise<void> {
  const leave = () => {
    document.body.id = 'before';
    setTimeout(() => location.reload());
  };
  // The answer may be lost with the page.
  await browser.evaluate(leave).catch(() => undefined);
  // Between the two there may be an empty page, and a question that its page has not answered fails with it.
  const isHere = () =>
    browser
      .evaluate(() => document.body.id !== 'before' && document.querySelector('header') !== null)
      .catch(() => false);
  while (!(await isHere())) await new Promise((resolve) => setTimeout(resolve, 200));
}

const deviceIsKnown = (browser: DrivenBrowser) =>
  until(browser, () => document.querySelector('button[aria-label^="Device: "][aria-label*=","]') !== null);

/** Clicks a button as soon as it is there. */
async function click(browser: DrivenBrowser, name: string): Promise<void> {
  await until(
    browser,
    (text: string) => {
      const button = [...document.querySelectorAll('button')].find(
        (one) =>
          !one.disabled && (one.textContent.trim() === text || one.ariaLabel?.startsWith(text) === true),
      );
      button?.click();
      return button !== undefined;
    },
    name,
  );
}

async function chooseWebgpu(browser: DrivenBrowser): Promise<void> {
  await deviceIsKnown(browser);
  await click(browser, 'Device: ');
  await until(browser, () => {
    const radio = document.querySelector<HTMLInputElement>('input[type=radio][value=webgpu]');
    radio?.click();
    return radio !== null;
  });
  await until(browser, () => document.querySelector('button[aria-label^="Device: WebGPU"]') !== null);
}

async function importZip(browser: DrivenBrowser, zip: Uint8Array): Promise<void> {
  await browser.evaluate(() => {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'd', code: 'KeyD', bubbles: true }));
  });
  await until(
    browser,
    (base64: string) => {
      const input = document.querySelector<HTMLInputElement>('input[type=file][aria-label="Data files"]');
      if (!input) return false;
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], 'stripes.zip', { type: 'application/zip' }));
      input.files = transfer.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
      return true;
    },
    Buffer.from(zip).toString('base64'),
  );
  await click(browser, 'Use it');
}
