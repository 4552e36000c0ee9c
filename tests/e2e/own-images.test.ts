import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { classNames, pictureCsv, pictureFiles, pictureZip } from './fixtures';
import { contentOf, useBrowser } from './harness';
import { link, shelf, shortRun, start, untilFinished } from './run-page';
import { reportOf, upload } from './upload';

const open = useBrowser();

test('a file that cannot be read is refused in words, and the former set stays; a zip of class folders is shown, taken and trained on', async () => {
  const { page, expectClean } = await open({ path: link(shortRun) });
  await upload(page, 'cut.zip', pictureZip(10).subarray(0, 700));
  await page.getByRole('button', { name: 'Back to the previous set' }).click();
  await expect.poll(() => page.getByRole('button', { name: 'Back to the previous set' }).count()).toBe(0);
  await page.keyboard.press('Escape');
  await start(page);
  await untilFinished(page);

  await upload(page, 'stripes.zip', pictureZip(30));
  await reportOf(page).getByRole('cell', { name: 'slant', exact: true }).waitFor();
  await reportOf(page).getByRole('button', { name: 'Use it', exact: true }).last().click();
  await start(page);
  await shelf(page).getByRole('button', { name: 'Run 2: more' }).waitFor();
  await untilFinished(page);
  expectClean();
});

function parquet(count: number): Uint8Array {
  const rows = Object.entries(pictureFiles(count)).map(([path, bytes]) => ({
    bytes,
    label: classNames.indexOf(path.split('/')[0]!),
  }));
  const features = {
    image: { _type: 'Image' },
    label: { _type: 'ClassLabel', names: classNames.map((name) => `<b>${name}</b>`) },
  };
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: 'image', data: rows.map(({ bytes }) => ({ bytes, path: '/etc/passwd' })) },
      { name: 'label', data: rows.map(({ label }) => label) },
    ],
    schema: [
      { name: 'root', num_children: 2 },
      { name: 'image', repetition_type: 'OPTIONAL', num_children: 2 },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'label', type: 'INT32', repetition_type: 'REQUIRED' },
    ],
    kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
  });
  return new Uint8Array(buffer);
}

test('Parquet is read in the worker, and markup in names is text; a guess is changed and the files are read again', async () => {
  const { page, expectClean } = await open();
  await upload(page, 'train.parquet', parquet(20));
  const report = reportOf(page);
  await report.getByText('Parquet', { exact: true }).waitFor();
  await report.getByRole('cell', { name: '<b>slant</b>', exact: true }).waitFor();
  expect(await report.locator('td b').count()).toBe(0);
  await page.keyboard.press('Escape');

  await upload(page, 'stripes.csv', new TextEncoder().encode(pictureCsv(20)));
  await report.getByText('Loaded 48 training and 12 test images').waitFor();
  await report.getByText('How the files were read').click();
  await report.getByLabel('Kept for the test').fill('50');
  await report.getByLabel('Image height').fill('16');
  await report.getByRole('button', { name: 'Read again' }).click();
  await report.getByText('Loaded 30 training and 30 test images, 16×8 grey').waitFor();
  await report.getByLabel('Image height').fill('999');
  await report.getByText('Image height: a whole number from 8 to 224.').waitFor();
  expect(await report.getByRole('button', { name: 'Read again' }).isDisabled()).toBe(true);
  await report.getByRole('button', { name: 'Back to the first guess' }).click();
  await report.getByText('Loaded 48 training and 12 test images').waitFor();
  expectClean();
});

test('a set is looked through, put right, and leaves as a zip that can be read again', async () => {
  const { page, expectClean } = await open();
  await upload(page, 'stripes.zip', pictureZip(20));
  await reportOf(page).getByRole('button', { name: 'Use it', exact: true }).click();
  await page.getByRole('button', { name: /^Data What is studied/ }).click();
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  const view = page.getByRole('dialog', { name: 'stripes' });

  // Two images by mouse, one more by keyboard.
  const images = view.getByRole('listbox', { name: 'Images of across' });
  await images.getByRole('option').nth(0).click();
  await images
    .getByRole('option')
    .nth(1)
    .click({ modifiers: ['Shift'] });
  await images.press('ArrowRight');
  await images.press(' ');
  await view.getByText('3 chosen').waitFor();
  await images.press('Delete');
  await view.getByText('57 images in 3 classes').waitFor();
  await view.getByRole('button', { name: 'Undo' }).click();
  await view.getByText('60 images in 3 classes').waitFor();
  await view.getByRole('button', { name: 'Redo' }).click();

  await view.getByRole('textbox', { name: 'Name of the class' }).fill('T-shirt/top');
  await view.getByRole('textbox', { name: 'Name of the class' }).press('Enter');
  await view.getByRole('button', { name: /slant/ }).click();
  await view.getByLabel('Merge into another class').click();
  await page.getByRole('option', { name: 'down', exact: true }).click();
  await view.getByText('57 images in 2 classes').waitFor();

  const packed = page.waitForEvent('download');
  await view.getByRole('button', { name: 'Save as zip' }).click();
  const zip = await contentOf(await packed);
  await view.getByRole('button', { name: 'Use the changed set' }).click();
  await page.getByText('stripes (edited)').first().waitFor();

  await upload(page, 'again.zip', zip);
  const report = reportOf(page);
  await report.getByRole('cell', { name: 'T-shirt∕top', exact: true }).waitFor();
  await report.getByText('Loaded 45 training and 12 test images, 8×8 grey, 2 classes.').waitFor();
  expectClean();
});
