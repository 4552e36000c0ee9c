import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { pictureFiles, pictureZip } from './fixtures';
import { useBrowser } from './harness';
import { reportOf, upload } from './upload';

const open = useBrowser();

test('pictures are sorted into classes by hand, pasted and filmed', async () => {
  const { page, expectClean } = await open();
  const pictures = Object.entries(pictureFiles(10));
  const filesOf = (name: string) =>
    pictures
      .filter(([path]) => path.startsWith(`${name}/`))
      .map(([path, bytes]) => ({ name: path.slice(-8), mimeType: 'image/png', buffer: Buffer.from(bytes) }));
  await page.getByRole('heading', { level: 1, name: 'Retort' }).waitFor();
  await page.keyboard.press('d');
  await page.getByRole('button', { name: 'Sort pictures by hand' }).click();
  const sheet = page.getByRole('dialog', { name: 'Make a set of your own' });
  await sheet.getByLabel('Files for Class 1').setInputFiles(filesOf('across'));
  await sheet.getByLabel('Files for Class 2').setInputFiles(filesOf('down'));
  await sheet.getByText('10 pictures').nth(1).waitFor();

  // The class that was touched last gets the paste.
  await sheet.getByRole('textbox', { name: 'Name of the class' }).nth(1).fill('down');
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array([1, 2, 3])], 'x.png', { type: 'image/png' }));
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }));
  });
  await sheet.getByText('11 pictures').waitFor();

  // A webcam that shows a moving stripe.
  await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    const context = canvas.getContext('2d')!;
    let at = 0;
    setInterval(() => {
      context.fillStyle = '#000';
      context.fillRect(0, 0, 64, 48);
      context.fillStyle = '#fff';
      context.fillRect((at = (at + 7) % 48), 0, 9, 48);
    }, 30);
    navigator.mediaDevices.getUserMedia = () => Promise.resolve(canvas.captureStream(30));
  });
  await sheet.getByRole('button', { name: 'Add a class' }).click();
  await sheet.getByRole('button', { name: 'Webcam' }).nth(2).click();
  const record = sheet.getByRole('button', { name: 'Hold to record' });
  await expect.poll(() => record.isEnabled()).toBe(true);
  await record.focus();
  await page.keyboard.down(' ');
  await expect.poll(() => sheet.getByRole('img', { name: /^webcam/ }).count()).toBeGreaterThan(3);
  await page.keyboard.up(' ');
  await sheet.getByRole('button', { name: 'Make the set' }).click();

  const report = reportOf(page);
  await report.getByText('pictures by class').waitFor();
  await report.getByText('1 left out').click();
  await report.getByText(/^pasted 1: /).waitFor();
  for (const name of ['Class 1', 'down', 'Class 3'])
    await report.getByRole('cell', { name, exact: true }).waitFor();
  expectClean();
});

/** Files in a folder of the origin-private file system. */
function storedNames(page: Page, folder: string): Promise<string[]> {
  return page.evaluate(async (name) => {
    const root = await navigator.storage.getDirectory();
    const found = await root.getDirectoryHandle(name).catch(() => null);
    const names: string[] = [];
    if (found) for await (const key of found.keys()) if (!key.endsWith('.crswap')) names.push(key);
    return names;
  }, folder);
}

async function storedText(page: Page, folder: string, name: string): Promise<string> {
  return page.evaluate(
    async (path) => {
      const root = await navigator.storage.getDirectory();
      const file = await (await root.getDirectoryHandle(path[0]!)).getFileHandle(path[1]!);
      return (await file.getFile()).text();
    },
    [folder, name],
  );
}

test('a set in use and pictures being sorted are there after a reload; a set is thrown away and taken back', async () => {
  const { page, expectClean } = await open();
  await upload(page, 'stripes.zip', pictureZip(20));
  await reportOf(page).getByRole('button', { name: 'Use it', exact: true }).click();
  await page.keyboard.press('d');
  const data = page.getByRole('dialog', { name: 'Data' });
  const kept = data.getByRole('region', { name: 'Kept in this browser' });
  await kept.getByRole('button', { name: 'stripes is in use' }).waitFor();
  await data.getByRole('button', { name: 'Sort pictures by hand' }).click();
  const sheet = page.getByRole('dialog', { name: 'Make a set of your own' });
  const [[, first], [, second]] = Object.entries(pictureFiles(2)) as [
    [string, Uint8Array],
    [string, Uint8Array],
  ];
  await sheet.getByLabel('Files for Class 1').setInputFiles([
    { name: 'one.png', mimeType: 'image/png', buffer: Buffer.from(first) },
    { name: 'two.png', mimeType: 'image/png', buffer: Buffer.from(second) },
  ]);
  await sheet.getByRole('textbox', { name: 'Name of the class' }).first().fill('mine');
  await expect.poll(() => storedNames(page, 'collection')).toHaveLength(3);
  await expect.poll(() => storedText(page, 'collection', 'index')).toContain('mine');

  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Retort' }).waitFor();
  await page.keyboard.press('d');
  // The recipe of the address studies the person's own images, so the last ones are taken at once.
  await kept.getByRole('button', { name: 'stripes is in use' }).waitFor();
  await kept.getByText('48 to train on, 12 to test, 3 classes, 8 × 8 grey').waitFor();
  await data.getByRole('button', { name: 'Sort pictures by hand' }).click();
  await sheet.getByText('2 pictures').waitFor();
  await sheet.getByRole('img', { name: /^one/ }).waitFor();
  expect(await sheet.getByRole('textbox', { name: 'Name of the class' }).first().inputValue()).toBe('mine');
  await page.keyboard.press('Escape');

  await page.keyboard.press('d');
  await kept.getByRole('button', { name: 'Delete stripes' }).click();
  await expect.poll(() => kept.count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.keyboard.press('d');
  await kept.getByRole('button', { name: 'Delete stripes' }).waitFor();
  expectClean();
});
