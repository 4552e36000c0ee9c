/** Two tabs of one browser see the same runs. */
import { expect, inject, test } from 'vitest';
import { useBrowser } from './harness';
import { endlessRun, holdAfter, link, messages, runControls, shelf, start } from './run-page';

const open = useBrowser();

test('another tab sees a run that is on, leaves it alone, and can take it over when its tab is gone', async () => {
  const { page: first } = await open({ path: link(endlessRun) });
  await start(first);
  await holdAfter(first, 10);

  const second = await first.context().newPage();
  await second.goto(inject('url'));
  await shelf(second).getByText('Running in another tab').waitFor();
  expect(await messages(second).getByRole('button', { name: 'Resume' }).count()).toBe(0);
  await shelf(second).getByRole('button', { name: 'Run 1: more' }).click();
  expect(await second.getByRole('menuitem', { name: 'Delete' }).isDisabled()).toBe(true);
  expect(await second.getByRole('menuitem', { name: /^Resume/ }).count()).toBe(0);
  await second.keyboard.press('Escape');

  await first.close({ runBeforeUnload: false });
  await shelf(second).getByRole('button', { name: 'Resume run 1' }).click();
  await runControls(second).getByRole('button', { name: 'Pause' }).waitFor();
});
