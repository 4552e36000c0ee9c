import { describe, expect, test } from 'vitest';
import { useBrowser } from './harness';
import {
  endlessRun,
  link,
  messages,
  result,
  resume,
  runControls,
  start,
  step,
  stepOf,
  stop,
  untilFinished,
  untilStepAfter,
} from './run-page';

const open = useBrowser();

describe('the page', () => {
  test('opens without an error and asks nobody but its own server; the first run is one click, and distillation gains', async () => {
    const { page, expectClean } = await open();
    await page.getByRole('heading', { level: 1, name: 'Retort' }).waitFor();
    await page.getByRole('button', { name: /^Device: .+, .+/ }).waitFor();
    await result(page).getByText('Multiply-adds').waitFor();
    expectClean();
    await result(page).getByRole('button', { name: 'Start', exact: true }).click();
    await untilFinished(page);
    const verdict = result(page).getByText(/Distillation gained [\d.]+ points/);
    // The head that grows is not pushed out of sight.
    await expect
      .poll(() =>
        verdict.evaluate(
          (line) =>
            line.getBoundingClientRect().top >= 0 && line.getBoundingClientRect().bottom <= innerHeight,
        ),
      )
      .toBe(true);
    await runControls(page).getByRole('button', { name: 'Start', exact: true }).waitFor();

    for (const figure of ['Accuracy', 'Confusion matrix']) {
      await page.getByRole('button', { name: `Save the figure: ${figure}` }).click();
      const dialog = page.getByRole('dialog', { name: `Save the figure “${figure}”` });
      const preview = dialog.locator('img');
      await preview.waitFor();
      const svg = await preview.evaluate(async (image: HTMLImageElement) => (await fetch(image.src)).text());
      expect(svg).toMatch(/^<\?xml.*\n<svg [^>]*width="170mm"/);
      expect(svg).toMatch(/<text [^>]*>Student<\/text>/);
      expect(svg).not.toMatch(/foreignObject|var\(|color-mix|class=/);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    }

    const matrix = page.getByRole('table', { name: /^Student: true class by row/ });
    await matrix.getByRole('button').first().press('ArrowDown');
    await page.keyboard.press('Enter');
    const images = page.getByRole('group', { name: /^Student: true class/ });
    await images.getByRole('button').first().click();
    await page
      .getByRole('complementary', { name: 'Sample inspector' })
      .getByText(/of the test images$/)
      .waitFor();
    expectClean();
  });

  test('a run can be paused, stepped, resumed and stopped; a live knob acts on it and leaves a mark in its charts, others are locked', async () => {
    const { page, expectClean } = await open({ path: link(endlessRun) });
    await start(page);
    await untilStepAfter(page, 5);
    await runControls(page).getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('banner').getByText('Paused').waitFor();
    const held = await stepOf(page);

    // A run that went on would be past these by the time the next is asked for.
    for (const further of [1, 2, 3]) {
      await step(page);
      await expect.poll(() => stepOf(page)).toBe(held + further);
    }

    await resume(page);
    await untilStepAfter(page, held + 8);
    const temperature = page
      .getByRole('region', { name: 'Live knobs' })
      .getByRole('spinbutton', { name: 'Temperature' });
    await temperature.fill('7.5');
    await temperature.press('Enter');
    await page
      .getByRole('button', { name: /^Step \d+: Temperature .* → 7\.5$/ })
      .first()
      .waitFor();
    await page.getByRole('button', { name: /^Student Who learns/ }).click();
    expect(await page.getByRole('combobox', { name: 'Student network' }).isDisabled()).toBe(true);

    await stop(page);
    await runControls(page).getByRole('button', { name: 'Start', exact: true }).waitFor();
    expectClean();
  });

  test('a damaged link opens the page with a sentence about it', async () => {
    const { page, expectClean } = await open({ path: '#v2=eyJ0aXRsZSI6Ik' });
    await messages(page).getByText('The link is damaged').waitFor();
    await messages(page).getByRole('button', { name: 'Dismiss this message' }).click();
    await runControls(page).getByRole('button', { name: 'Start', exact: true }).waitFor();
    expectClean();
  });

  test('a link with a wrong value says which, and keeps the rest', async () => {
    const { page, expectClean } = await open({
      path: link({ title: 'From a link', schedule: { learningRate: -1 } }),
    });
    await result(page).getByRole('heading', { name: 'From a link' }).waitFor();
    await messages(page)
      .getByText(/Learning rate/)
      .waitFor();
    expectClean();
  });
});
