/** Opens whatever opens over the page: it must lie within the window, and opening or walking through it moves nothing beneath. */
import type { Locator, Page } from 'playwright';
import { expect } from 'vitest';
import type { Open } from './harness';
import { link, result, untilFinished } from './run-page';

/** Every kind of section has something in it; the run is over soon. */
const recipe = {
  title: 'Floating',
  hints: [{ id: 'kd' }, { id: 'fitnet' }],
  weighting: { id: 'hint-dynamic' },
  schedule: { steps: 40, evaluateEvery: 20 },
};
const path = link(recipe, 1);

/** How far the document, its body and the application's frame are scrolled, CSS px. */
function scrolled(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const frame = document.querySelector('#root > div');
    return [document.scrollingElement, document.body, frame].map((element) => element?.scrollTop ?? 0);
  });
}

/** What of an element lies outside of the window, in words; null when all of it is inside. */
function outside(element: Locator): Promise<string | null> {
  return element.evaluate((one) => {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    const { innerWidth: width, innerHeight: height } = window;
    // Half a pixel is the rounding of the browser.
    const isInside = left >= -0.5 && top >= -0.5 && right <= width + 0.5 && bottom <= height + 0.5;
    const round = [left, top, right, bottom].map(Math.round).join(', ');
    return isInside && right > left && bottom > top ? null : `${round} in ${width} x ${height}`;
  });
}

/** What lies outside of the window of the entry that the keys have reached, as `outside`; null where there is none. */
function reachedOutside(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const reached = [
      ...document.querySelectorAll('[role=menuitem]:focus, [role=option][data-combobox-selected]'),
    ].find((one) => one.closest('[class*=dropdown][data-position]')?.checkVisibility());
    if (!reached) return null;
    const { left, top, right, bottom } = reached.getBoundingClientRect();
    const isInside = left >= -0.5 && top >= -0.5 && right <= innerWidth + 0.5 && bottom <= innerHeight + 0.5;
    return isInside && right > left && bottom > top
      ? null
      : `${[left, top, right, bottom].map(Math.round).join(', ')} in ${innerWidth} x ${innerHeight}`;
  });
}

/** Walks through what is open with the arrow key, once around; every stop must be seen in the window. */
async function walkThrough(page: Page, floating: Locator, name: string): Promise<void> {
  const stops = await floating.locator('[role=menuitem]:enabled, [role=option]').count();
  for (let stop = 0; stop <= stops; stop++) {
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => reachedOutside(page), { message: `stop ${stop} of ${name}` }).toBeNull();
  }
}

/**
 * Opens everything below `root` that says it opens something.
 * @param isFixed whether nothing beneath may ever scroll: on a phone the page itself does
 * @returns the names of what was opened
 */
async function openAll(page: Page, root: Locator, isFixed: boolean): Promise<string[]> {
  const opened: string[] = [];
  // A page that scrolls may have been scrolled to what opened a dialog.
  const before = await scrolled(page);
  const triggers = root.locator('[aria-haspopup]:not(:disabled):visible');
  const count = await triggers.count();
  for (let nth = 0; nth < count; nth++) {
    const trigger = triggers.nth(nth);
    const name = await trigger.evaluate(
      (one) =>
        one.getAttribute('aria-label') ??
        (one as HTMLInputElement).labels?.[0]?.textContent ??
        one.textContent,
    );
    // Away from the bars at the edges, which would be in the way of the click.
    await trigger.evaluate((one) => one.scrollIntoView({ block: 'center' }));
    await trigger.click();
    await expect.poll(() => trigger.getAttribute('aria-expanded'), { message: name }).toBe('true');
    const floating = page.locator('[class*=dropdown][data-position]:visible');
    await floating.first().waitFor();
    expect.soft(await floating.count(), `open at once with ${name}`).toBe(1);
    await expect.poll(() => outside(floating.first()), { message: name }).toBeNull();
    const shown = await floating
      .first()
      .evaluate((one) => one.clientHeight / Math.min(one.scrollHeight, window.innerHeight / 3));
    expect.soft(shown, `a third of the window, or all of ${name}`).toBeGreaterThanOrEqual(1);
    await walkThrough(page, floating.first(), name);
    expect.soft(await outside(floating.first()), `${name} after the walk`).toBeNull();
    await page.keyboard.press('Escape');
    await floating.first().waitFor({ state: 'hidden' });
    expect.soft(await outside(trigger), `the button of ${name} afterwards`).toBeNull();
    if (isFixed) expect.soft(await scrolled(page), `scrolled by ${name}`).toEqual(before);
    opened.push(name);
  }
  return opened;
}

/** A dialog that is open, and all that opens in it. */
async function checkDialog(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name });
  await dialog.waitFor();
  await expect.poll(() => outside(dialog), { message: name }).toBeNull();
  await openAll(page, dialog, true);
  expect.soft(await outside(dialog), `${name} at last`).toBeNull();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** Unfolds every folded part of the recipe. */
async function unfoldAll(root: Locator): Promise<void> {
  const folded = root.locator('button[aria-expanded=false]:not([aria-haspopup])');
  while ((await folded.count()) > 0) await folded.first().click();
}

interface Size {
  width: number;
  height: number;
}

/** The page of a recipe, its dialogs, and after a run its charts and menus, in windows of each size. */
export async function checkWindows(open: Open, windows: readonly Size[]): Promise<void> {
  const { page, expectClean } = await open({ path, viewport: windows[0]! });
  await result(page).getByText('Multiply-adds').waitFor();
  for (const size of windows) {
    await page.setViewportSize(size);
    await checkRecipe(page, size.width <= 1180);
    for (const [key, name] of [
      ['m', 'Methods'],
      ['d', 'Data'],
      ['?', 'Keyboard shortcuts'],
    ] as const) {
      // A field that has the focus would take the key.
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      await page.keyboard.press(key);
      await checkDialog(page, name);
    }
  }

  await result(page).getByRole('button', { name: 'Start', exact: true }).click();
  await untilFinished(page);
  for (const size of windows) {
    await page.setViewportSize(size);
    await unfoldAll(page.getByRole('region', { name: 'Runs' }));
    await page.getByRole('button', { name: 'Run 1: more' }).waitFor();
    const opened = await openAll(page, page.locator('#root'), size.width > 820);
    expect(opened).toContain('Run 1: more');
    await page.getByRole('button', { name: 'Save the figure: Accuracy' }).click();
    await checkDialog(page, 'Save the figure “Accuracy”');
  }
  expectClean();
}

/** @param folds whether the recipe is in a drawer */
async function checkRecipe(page: Page, folds: boolean): Promise<void> {
  expect(await scrolled(page)).toEqual([0, 0, 0]);
  const bar = page.getByRole('button', { name: 'Recipe', exact: true });
  await expect.poll(() => bar.count(), { message: 'ways to the recipe' }).toBe(folds ? 1 : 0);
  if (folds) await bar.click();
  const column = folds
    ? page.getByRole('dialog', { name: 'Recipe' })
    : page.getByRole('complementary', { name: 'Recipe' });
  await column.getByRole('button', { name: 'Examples' }).waitFor();
  await unfoldAll(column);
  const opened = await openAll(page, column, true);
  expect(opened).toEqual(
    expect.arrayContaining(['Add a loss', 'Examples', 'More for this recipe', 'Kind of teacher']),
  );
  expect(opened.length).toBeGreaterThan(8);
  expect(await scrolled(page), 'beneath the recipe').toEqual([0, 0, 0]);
  if (folds) await page.keyboard.press('Escape');
  await column.waitFor({ state: folds ? 'hidden' : 'visible' });
}
