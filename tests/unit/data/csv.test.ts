import { describe, expect, test } from 'vitest';
import { csv, file, loaded, pixel, pixels, refused, text, zip, picture, type Bytes } from './builders';

const image = 8 * 8;
const kaggle = ['label', ...Array.from({ length: image }, (_, i) => `pixel${i}`)];

/** The image that a table of `csv` holds for row n, wherever the split put it. */
function rowsOf(dataset: { train: { images: Uint8Array }; test: { images: Uint8Array } }): string[] {
  return [dataset.train, dataset.test].flatMap(({ images }) =>
    Array.from({ length: images.length / image }, (_, n) =>
      images.subarray(n * image, (n + 1) * image).join(),
    ),
  );
}
const expectedRows = Array.from({ length: 100 }, (_, n) =>
  pixels(100, image)
    .subarray(n * image, (n + 1) * image)
    .join(),
);

function utf16(content: string, little: boolean): Bytes {
  const view = new DataView(new ArrayBuffer(2 + content.length * 2));
  view.setUint16(0, 0xfeff, little);
  [...content].forEach((letter, i) => view.setUint16(2 + i * 2, letter.charCodeAt(0), little));
  return new Uint8Array(view.buffer);
}

describe('CSV', () => {
  test.each([
    ['label first, header', csv(100, image, { header: kaggle })],
    ['label first, no header', csv(100, image)],
    ['label last, no header', csv(100, image, { labelFirst: false })],
    ['label last, named', csv(100, image, { labelFirst: false, header: [...kaggle.slice(1), ' Class '] })],
    ['tabs', csv(100, image, { separator: '\t', header: kaggle })],
    ['semicolons', csv(100, image, { separator: ';' })],
    ['CRLF', csv(100, image, { newline: '\r\n' })],
    ['old Mac line ends', csv(100, image, { newline: '\r' })],
    ['a byte order mark', `\uFEFF${csv(100, image, { header: kaggle })}`],
    ['quotes', csv(100, image, { value: (n, i) => `"${pixel(n, i)}"`, header: kaggle.map((t) => `"${t}"`) })],
    ['blanks around cells', csv(100, image, { separator: ' , ' })],
    ['blank lines at the end', `${csv(100, image)}\n\n`],
    [
      'columns numbered by pandas',
      csv(100, image, { header: ['label', ...Array.from({ length: image }, (_, i) => String(i))] }),
    ],
    [
      'an index column of pandas',
      csv(100, image, { header: kaggle })
        .split('\n')
        .map((line, i) => (line === '' ? '' : `${i === 0 ? '' : i - 1},${line}`))
        .join('\n'),
    ],
    [
      'an index column without header',
      csv(100, image)
        .split('\n')
        .map((line, i) => (line === '' ? '' : `${i},${line}`))
        .join('\n'),
    ],
  ])('reads %s', async (_, content) => {
    const { report, dataset } = await loaded([file('digits.dat', content)]);
    expect(report).toMatchObject({ outcome: 'loaded', train: 80, test: 20, shape: [8, 8, 1] });
    expect(dataset.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(rowsOf(dataset).sort()).toEqual([...expectedRows].sort());
  });

  test.each([[true], [false]])('reads UTF-16 (little-endian: %s)', async (little) => {
    const { report, dataset } = await loaded([
      file('x.csv', utf16(csv(100, image, { header: kaggle }), little)),
    ]);
    expect(report.outcome).toBe('loaded');
    expect(rowsOf(dataset).sort()).toEqual([...expectedRows].sort());
  });

  test('reads decimal commas between semicolons', async () => {
    const value = (n: number, i: number) => (pixel(n, i) / 255).toFixed(6).replace('.', ',');
    const { dataset } = await loaded([
      file('x.csv', csv(100, image, { separator: ';', value, label: (n) => `${n % 10},0` })),
    ]);
    expect(rowsOf(dataset).sort()).toEqual([...expectedRows].sort());
    expect(dataset.classes).toHaveLength(10);
  });

  test('takes 0..16 as the range of the UCI digits, label last', async () => {
    const value = (n: number, i: number) => String(i === 0 ? 0 : pixel(n, i) % 17);
    const { report, dataset } = await loaded([
      file('optdigits.tra', csv(200, image, { labelFirst: false, value })),
    ]);
    expect(report.warnings.join()).toMatch(/last one was taken.*up to 16/s);
    expect(Math.max(...dataset.train.images)).toBe(255);
    expect(dataset.classes).toHaveLength(10);
  });

  test('takes a sorted label column for what it is', async () => {
    const label = (n: number) => String(Math.floor(n / 10));
    const value = (n: number, i: number) => String(pixel(n, i) % 3 === 0 ? 0 : pixel(n, i));
    const { report } = await loaded([file('x.csv', csv(100, image, { labelFirst: false, label, value }))]);
    expect(report.trainCounts).toEqual(new Array(10).fill(8));
  });

  test('reads words as labels, first or last, with or without header', async () => {
    const label = (n: number) => ['zebra', 'Äffchen', '__proto__'][n % 3]!;
    for (const labelFirst of [true, false])
      for (const header of [undefined, labelFirst ? kaggle : [...kaggle.slice(1), 'label']]) {
        const { dataset } = await loaded([
          file('x.csv', csv(90, image, { label, labelFirst, ...(header ? { header } : {}) })),
        ]);
        expect(dataset.classes).toEqual(['__proto__', 'zebra', 'Äffchen']);
      }
  });

  test('joins tables by the split word in their names', async () => {
    const { report } = await loaded([
      file('mnist_test.csv', csv(50, image, { header: kaggle })),
      file(
        'mnist_train.csv',
        csv(100, image, { header: kaggle, value: (n, i) => String(pixel(n + 500, i)) }),
      ),
    ]);
    expect(report).toMatchObject({ outcome: 'loaded', train: 100, test: 50 });
  });

  test('leaves out a test table without labels', async () => {
    const { report } = await loaded([
      file('train.csv', csv(100, image, { header: kaggle })),
      file('test.csv', csv(50, image - 1, { header: kaggle.slice(1) })),
    ]);
    expect(report).toMatchObject({ outcome: 'partial', train: 80, test: 20, skippedCount: 1 });
    expect(report.skipped[0]!.why).toContain('no label');
  });

  test('reads the zip of a competition', async () => {
    const entries = {
      'train.csv': text(csv(100, image, { header: kaggle })),
      'test.csv': text(csv(50, image - 1, { header: kaggle.slice(1) })),
      'sample_submission.csv': text('ImageId,Label\n1,0\n2,0\n3,0\n'),
    };
    const { report } = await loaded([file('digit-recognizer.zip', zip(entries))]);
    expect(report).toMatchObject({
      outcome: 'partial',
      format: 'CSV in a zip',
      train: 80,
      test: 20,
      skippedCount: 2,
    });
  });

  test('leaves out a few bad rows by line number', async () => {
    const lines = csv(100, image, { header: kaggle }).trimEnd().split('\n');
    lines[3] = '1,2,3';
    lines[7] = lines[7]!.replace(/,\d+$/, ',nan');
    lines[8] = lines[8]!.replace(/^\d+/, '');
    const { report } = await loaded([file('x.csv', lines.join('\n'))]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 3 });
    expect(report.skipped.map(({ where }) => where)).toEqual([
      'x.csv, line 4',
      'x.csv, line 8',
      'x.csv, line 9',
    ]);
    expect(report.skipped[0]!.why).toContain('3 cells where others have 65');
    expect(report.train + report.test).toBe(97);
  });

  test('refuses more than 5 % bad rows', async () => {
    const lines = csv(100, image)
      .trimEnd()
      .split('\n')
      .map((line, n) => (n % 10 === 9 ? `${line},1` : line));
    const report = await refused([file('x.csv', lines.join('\n'))]);
    expect(report.message).toMatch(/10 bad rows among 100.*line 10/);
  });

  test('counts lines within quoted cells', async () => {
    const lines = csv(100, image, { header: kaggle }).trimEnd().split('\n');
    lines[0] = lines[0]!.replace('pixel5', '"pixel\n5"');
    lines[50] = '1,2';
    const { report } = await loaded([file('x.csv', lines.join('\n'))]);
    expect(report.skipped[0]!.where).toBe('x.csv, line 52');
  });

  test('labels may run over lines', async () => {
    const table = csv(60, image, { label: (n) => `"kind\n${n % 3}"`, header: kaggle });
    const { report } = await loaded([file('x.csv', table)]);
    expect(report).toMatchObject({ outcome: 'loaded', classes: ['kind\n0', 'kind\n1', 'kind\n2'] });
  });

  test.each([
    [
      'every label differs',
      csv(50, image, {
        header: ['id', ...kaggle.slice(1)].map((t) => (t === 'id' ? 'label' : t)),
        label: (n) => String(n),
      }),
      'label of its own',
    ],
    ['file names and labels', 'file,label\na.png,cat\nb.png,dog\n', 'without the pictures'],
    ['no label', csv(50, image - 1), 'no label'],
    ['a quote that is never closed', csv(50, image).replace(',', ',"'), 'never closed'],
    ['one row', '1,2,3,4,5', 'neither a table'],
    ['a header only', `${kaggle.join()}\n\n`, 'neither a table'],
    ['prose', 'Dear reader,\nthis is a letter\nwithout any numbers, and so on, and on.\n', 'neither a table'],
    ['a web page', '<!DOCTYPE html><html><body>a,b\nc,d\n</body></html>', 'web page'],
    ['one class', csv(50, image, { label: () => '3', header: kaggle }), 'only one class'],
    [
      'labels that are fractions',
      csv(50, image, { label: (n) => String(n / 4 - Math.floor(n / 4)), header: kaggle }),
      'not whole numbers',
    ],
  ])('refuses a table with %s', async (_, content, cause) => {
    const report = await refused([file('data.csv', content)]);
    expect(report.message).toContain(cause);
  });

  test('keeps its limits', async () => {
    const table = [file('x.csv', csv(100, image))];
    expect((await refused(table, { limits: { tableRows: 99 } })).message).toContain('99 rows');
    expect((await refused(table, { limits: { tableColumns: 64 } })).message).toContain(
      '65 columns; the limit is 64',
    );
    expect((await refused(table, { limits: { images: 50 } })).message).toContain('the limit is 50');
    expect((await refused(table, { limits: { classes: 5 } })).message).toContain('limit is 5 classes');
  });

  test('takes labels of pictures in one folder from a table beside them', async () => {
    const entries: Record<string, Bytes> = { 'labels.csv': text('id,breed\n') };
    let table = 'id,breed\n';
    for (let n = 0; n < 40; n++) {
      entries[`images/${n}.png`] = picture(n);
      if (n !== 5) table += `${n},${n % 2 === 0 ? 'cat' : 'dog'}\n`;
    }
    entries['labels.csv'] = text(table);
    const { report } = await loaded([file('dogs.zip', zip(entries))]);
    expect(report).toMatchObject({ outcome: 'partial', classes: ['cat', 'dog'], skippedCount: 1 });
    expect(report.skipped[0]!.where).toContain('images/5.png');
    expect(report.warnings.join()).toContain('labels.csv');
  });
});
