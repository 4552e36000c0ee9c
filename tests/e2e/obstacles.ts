/** Obstacles that axe finds in the page, in both themes. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, ElementContext, RunOptions } from 'axe-core';
import type { Page } from 'playwright';
import { expect } from 'vitest';
import type { Open } from './harness';
import { link, result, shortRun } from './run-page';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What a theme changes is colours: the other rules say the same of each. */
const colourRules: NonNullable<RunOptions['runOnly']> = {
  type: 'rule',
  values: ['color-contrast', 'link-in-text-block'],
};

type Theme = 'light' | 'dark';

async function show(page: Page, theme: Theme): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
  await page.locator(`html[data-mantine-color-scheme=${theme}]`).waitFor();
}

/**
 * No serious or critical violation may be found; each is told with the first places it was found at.
 * @param part what of the page is looked at, by a selector
 */
async function expectNone(page: Page, theme: Theme, when: string, part = ':root'): Promise<void> {
  const options = theme === 'light' ? {} : { runOnly: colourRules };
  const found = await violationsOf(page, part, options);
  expect.soft(found, [`${theme}, ${when}`, ...found].join('\n')).toEqual([]);
}

async function violationsOf(page: Page, part: string, options: RunOptions): Promise<string[]> {
  // A running transition has colours of neither its start nor its end, and its end may begin another below it.
  await page.evaluate(async () => {
    for (let still = 0; still < 2;) {
      await new Promise(requestAnimationFrame);
      const running = document
        .getAnimations()
        .filter(
          ({ effect, playState }) =>
            playState !== 'finished' && effect?.getComputedTiming().endTime !== Infinity,
        );
      await Promise.allSettled(running.map(({ finished }) => finished));
      still = running.length === 0 ? still + 1 : 0;
    }
  });
  const { violations: found } = await page.evaluate(
    ([context, wanted]) =>
      (
        window as unknown as {
          axe: { run: (context: ElementContext, options: RunOptions) => Promise<AxeResults> };
        }
      ).axe.run(context, wanted),
    [part, { ...options, resultTypes: ['violations'] }] satisfies [string, RunOptions],
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => {
      const places = nodes
        .slice(0, 3)
        .map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`);
      return `${id} (${nodes.length}): ${places.join(' | ')}`;
    });
}

const viewports = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** Before a run: the page with a section open, and what opens over it. */
async function expectNoneBefore(page: Page, theme: Theme, size: keyof typeof viewports): Promise<void> {
  const when = 'before a run';
  if (size === 'phone') {
    await expectNone(page, theme, when);
    await page.getByRole('button', { name: 'Recipe', exact: true }).click();
  }
  const section = page.getByRole('button', { name: /^Training How long/ });
  if ((await section.getAttribute('aria-expanded')) === 'false') await section.click();
  await expectNone(page, theme, `${when}, with a section open`);
  if (size === 'phone') {
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    return;
  }
  for (const key of ['m', 'd', '?']) {
    await page.locator('body').press(key);
    await page.getByRole('dialog').waitFor();
    // What it lies over has been looked at.
    await expectNone(page, theme, `in the dialog of ${key}`, '[role=dialog]');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  }
}

/**
 * Before a run, with what opens over the page, and after a run.
 * @param themesBefore those that the page has before the run; after it, it has both
 */
export async function expectNoObstacle(
  open: Open,
  size: keyof typeof viewports,
  themesBefore: readonly Theme[],
): Promise<void> {
  const { page } = await open({
    path: link(shortRun),
    viewport: viewports[size],
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  // Evaluated by the driver and not as a script element, which the page's content policy forbids.
  await page.evaluate(axe);
  await result(page).getByText('Multiply-adds').waitFor();
  // A change of theme takes the page longer than being looked at.
  for (const theme of themesBefore) {
    await show(page, theme);
    await expectNoneBefore(page, theme, size);
  }
  await result(page).getByRole('button', { name: 'Start', exact: true }).click();
  await result(page)
    .getByText(/^finished after/)
    .waitFor();
  for (const theme of ['light', 'dark'] as const) {
    await show(page, theme);
    await expectNone(page, theme, 'after a run');
  }
}
