import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/prepare.mjs';
import { usePlainHttp } from './plain-http';
import { result, shortRun, start, untilFinished } from './run-page';

const openPage = usePlainHttp();

test('a teacher of the user’s own is chosen from a file and teaches', async () => {
  const teacher = { kind: 'single', knobs: { source: 'file' } };
  const { page, errors } = await openPage({ ...shortRun, teacher });
  await page.getByRole('button', { name: /^Teacher Who teaches/ }).click();
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Choose its file' }).click(),
  ]);
  await chooser.setFiles(join(root, 'public', 'teachers', 'digits-8x8-cnn-16-32-64.safetensors'));
  // Between number and sign there is a narrow space.
  await page.getByText(/9\d\.\d\s%\s?accuracy on the test split/).waitFor();
  await start(page);
  await untilFinished(page);
  expect(await result(page).innerText()).toMatch(/Teacher\s+9\d\.\d\s%/);
  expect(errors).toEqual([]);
});
