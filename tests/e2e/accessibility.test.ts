import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { useBrowser } from './harness';

const open = useBrowser();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Serious and critical violations, each with the first places it was found at. */
async function violations(page: Page): Promise<string[]> {
  // A running transition has colours of neither its start nor its end.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
        .map(({ finished }) => finished),
    ),
  );
  // Evaluated by the driver and not as a script element, which the page's content policy forbids.
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() =>
    (window as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
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

const screens = [
  { size: 'desktop', viewport: { width: 1440, height: 900 } },
  { size: 'phone', viewport: { width: 390, height: 844 } },
];

describe.each(screens)('on a $size', ({ size, viewport }) => {
  test.each(['light', 'dark'] as const)('the %s page has no serious obstacle', async (colorScheme) => {
    const { page } = await open({ viewport, colorScheme, reducedMotion: 'reduce' });
    const result = page.getByRole('region', { name: 'Result' });
    await result.getByText('Multiply-adds').waitFor();
    expect.soft(await violations(page), 'before a run').toEqual([]);

    if (size === 'phone') {
      await page.getByRole('button', { name: 'Recipe', exact: true }).click();
      await page.getByRole('button', { name: /^Schedule and objective/ }).click();
      expect.soft(await violations(page), 'with the recipe open').toEqual([]);
      await page.keyboard.press('Escape');
    } else {
      await page.getByRole('button', { name: /^Schedule and objective/ }).click();
      expect.soft(await violations(page), 'with a section open').toEqual([]);
      for (const key of ['m', 'd', '?']) {
        await page.locator('body').press(key);
        await page.getByRole('dialog').waitFor();
        expect.soft(await violations(page), `in the dialog of ${key}`).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
      }
    }

    await result.getByRole('button', { name: 'Start', exact: true }).click();
    await result.getByText(/^finished after/).waitFor();
    expect.soft(await violations(page), 'after a run').toEqual([]);
  });
});
