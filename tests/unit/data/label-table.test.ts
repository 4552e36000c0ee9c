import { describe, expect, test } from 'vitest';
import { csv, file, loaded, picture, refused, text, zip, type Bytes } from './builders';

/** Pictures `FOLDER/0.png`, `FOLDER/1.png`, ... */
function numbered(folder: string, count: number, name = (n: number) => `${n}.png`): Record<string, Bytes> {
  const seed = [...folder].reduce((sum, letter) => sum + letter.charCodeAt(0) * 1000, 0);
  return Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`${folder}${name(n)}`, picture(seed + n)]),
  );
}

/** A table of a header and rows. */
function table(header: string, rows: readonly string[]): Bytes {
  return text([header, ...rows, ''].join('\n'));
}

function rows(count: number, row: (n: number) => string): string[] {
  return Array.from({ length: count }, (_, n) => row(n));
}

const trained = (n: number) => (n < 6 ? 'cat' : 'dog');
const tested = (n: number) => (n < 3 ? 'dog' : 'cat');
/** 12 training pictures, 6 of each class; 4 of the test, 1 cat and 3 dogs; equal names in both. */
const twoFolders = { ...numbered('train/', 12), ...numbered('test/', 4) };

async function counts(entries: Record<string, Bytes>) {
  const { report } = await loaded([file('set.zip', zip(entries))]);
  expect(report.classes).toEqual(['cat', 'dog']);
  return { train: report.trainCounts, test: report.testCounts, left: report.skippedCount, report };
}

describe('pictures of equal names in two folders', () => {
  test.each<[string, (folder: string, n: number) => string]>([
    ['with their endings', (folder, n) => `${folder}/${n}.png`],
    ['without endings', (folder, n) => `${folder}/${n}`],
    ['with backslashes and a dot', (folder, n) => `.\\${folder}\\${n}.png`],
    ['in other letters and another ending', (folder, n) => `${folder.toUpperCase()}/${n}.JPG`],
    ['from a folder that is not here', (folder, n) => `/home/me/data/${folder}/${n}.png`],
  ])('take the labels of their paths, %s', async (_, name) => {
    const both = [
      ...rows(12, (n) => `${name('train', n)},${trained(n)}`),
      ...rows(4, (n) => `${name('test', n)},${tested(n)}`),
    ];
    const found = await counts({ ...twoFolders, 'metadata.csv': table('file_name,label', both) });
    expect(found).toMatchObject({ train: [6, 6], test: [1, 3], left: 0 });
  });

  test.each<[string, (split: string) => string]>([
    ['inside the folders', (split) => `${split}/metadata.csv`],
    ['beside the folders, called after them', (split) => `${split}.csv`],
    ['beside the folders, in camel case', (split) => `${split}Labels.csv`],
    ['in a folder of their own', (split) => `annotations/${split}_labels.csv`],
  ])('take the labels of the tables of their splits, %s', async (_, path) => {
    const found = await counts({
      ...twoFolders,
      [path('train')]: table(
        'file_name,label',
        rows(12, (n) => `${n}.png,${trained(n)}`),
      ),
      [path('test')]: table(
        'file_name,label',
        rows(4, (n) => `${n}.png,${tested(n)}`),
      ),
    });
    expect(found).toMatchObject({ train: [6, 6], test: [1, 3], left: 0 });
  });

  test('whose folders are not called after splits take those of the table in their own folder', async () => {
    const { report } = await loaded([
      file(
        'set.zip',
        zip({
          ...numbered('north/images/', 12),
          ...numbered('south/images/', 4),
          'north/labels.csv': table(
            'id,label',
            rows(12, (n) => `${n},${trained(n)}`),
          ),
          'south/labels.csv': table(
            'id,label',
            rows(4, (n) => `${n},${tested(n)}`),
          ),
        }),
      ),
    ]);
    // 6 + 1 cats and 6 + 3 dogs; the split is made.
    expect(report.trainCounts.map((count, i) => count + report.testCounts[i]!)).toEqual([7, 9]);
    expect(report.skippedCount).toBe(0);
  });

  test('of the test take none from a table of the training part, and are listed', async () => {
    const labels = table(
      'id,label',
      rows(12, (n) => `${n},${trained(n)}`),
    );
    const { report } = await counts({ ...twoFolders, 'trainLabels.csv': labels });
    expect(report.trainCounts.map((count, i) => count + report.testCounts[i]!)).toEqual([6, 6]);
    expect(report.skippedCount).toBe(4);
    for (const { where, why } of report.skipped) {
      expect(where).toContain('test/');
      expect(why).toContain('is not in set.zip: trainLabels.csv');
    }
  });

  test('are left out when nothing says which is meant: the rows are listed, the other rows used', async () => {
    const labels = table(
      'id,label',
      rows(12, (n) => `${n},${trained((n + 3) % 12)}`),
    );
    const { report } = await loaded([file('set.zip', zip({ ...twoFolders, 'labels.csv': labels }))]);
    // Rows 4 to 11: only the training part has these numbers.
    expect(report.trainCounts.map((count, i) => count + report.testCounts[i]!)).toEqual([3, 5]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 8 });
    expect(report.skipped).toHaveLength(4);
    expect(report.skipped[0]).toEqual({
      where: 'set.zip: labels.csv, line 2',
      why: 'names "0", which fits 2 files (train/0.png, test/0.png)',
    });
    expect(report.warnings.join(' ')).toContain('4 rows of set.zip: labels.csv were left out');
  });

  test('are refused when nothing else is left', async () => {
    const entries = {
      ...numbered('train/', 4),
      ...numbered('test/', 4),
      'labels.csv': table(
        'id,label',
        rows(4, (n) => `${n},${tested(n)}`),
      ),
    };
    const { message } = await refused([file('set.zip', zip(entries))]);
    expect(message).toMatch(
      /labels\.csv does not say which picture is meant: "0" fits 2 files \(train\/0\.png, test\/0\.png\)/,
    );
  });
});

test('a row with a path does not reach for the picture of the other split', async () => {
  const both = [
    ...rows(12, (n) => `train/${n}.png,${trained(n)}`),
    ...rows(4, (n) => `test/${n}.png,${tested(n)}`),
    // There is no such picture in training, but one of the name in the test.
    'train/only.png,dog',
  ];
  const found = await counts({
    ...twoFolders,
    'test/only.png': picture(77),
    'metadata.csv': table('file_name,label', both),
  });
  expect(found).toMatchObject({ train: [6, 6], test: [1, 3], left: 1 });
  expect(found.report.skipped[0]!.where).toContain('test/only.png');
});

test('a picture with two classes is left out, one that is listed twice with one class is not', async () => {
  const labels = [...rows(12, (n) => `${n}.png,${trained(n)}`), '3.png,cat', '4.png,dog'];
  const { report } = await loaded([
    file('set.zip', zip({ ...numbered('images/', 12), 'labels.csv': table('image,label', labels) })),
  ]);
  expect(report.trainCounts.map((count, i) => count + report.testCounts[i]!)).toEqual([5, 6]);
  expect(report.skipped).toEqual([
    {
      where: 'set.zip: images/4.png',
      why: 'has two classes: "cat" in set.zip: labels.csv, line 6 and "dog" in set.zip: labels.csv, line 15',
    },
  ]);
});

test('a picture in two formats is named by its ending; without one it is not guessed', async () => {
  const entries = { ...numbered('images/', 12), 'images/0.jpg': picture(500), 'images/1.jpg': picture(501) };
  const labels = ['0.png,cat', '1,cat', ...rows(10, (n) => `${n + 2}.png,${trained(n + 2)}`)];
  const { report } = await loaded([
    file('set.zip', zip({ ...entries, 'labels.csv': table('image,label', labels) })),
  ]);
  expect(report.trainCounts.map((count, i) => count + report.testCounts[i]!)).toEqual([5, 6]);
  expect(report.skipped.map(({ where }) => where)).toEqual([
    'set.zip: labels.csv, line 3',
    'set.zip: images/0.jpg',
  ]);
});

test('tables called after splits make the split of pictures that lie in one folder', async () => {
  const found = await counts({
    ...numbered('images/', 16),
    'train.csv': table(
      'id,label',
      rows(12, (n) => `${n},${trained(n)}`),
    ),
    'test.csv': table(
      'id,label',
      rows(4, (n) => `${n + 12},${tested(n)}`),
    ),
  });
  expect(found).toMatchObject({ train: [6, 6], test: [1, 3], left: 0 });
});

test('a sample submission and a table without labels are not the labels', async () => {
  const found = await counts({
    ...numbered('train/', 12),
    ...numbered('test/', 4, (n) => `t${n}.png`),
    'sample_submission.csv': table(
      'id,label',
      rows(4, (n) => `t${n},cat`),
    ),
    'test.csv': table(
      'id,width',
      rows(4, (n) => `t${n},${n}`),
    ),
    'train.csv': table(
      'id,label',
      rows(12, (n) => `${n},${trained(n)}`),
    ),
  });
  expect(found.left).toBe(4);
  expect(found.report.warnings.join(' ')).toContain('sample_submission.csv is a sample submission');
});

test('a table of something else beside class folders takes no class away', async () => {
  const { report } = await loaded([
    file(
      'set.zip',
      zip({
        ...numbered('train/a/images/', 6),
        ...numbered('train/b/images/', 6),
        'train/a/boxes.txt': text(rows(6, (n) => `${n}.png\t${n}\t5`).join('\n')),
        'train/b/boxes.txt': text(rows(6, (n) => `${n}.png\t${n}\t7`).join('\n')),
        'rows.csv': text(csv(20, 64)),
      }),
    ),
  ]);
  expect(report.classes).toEqual(['a', 'b']);
});

test('names of classes that are whole texts are refused, with their beginning', async () => {
  const essay = 'once upon a time '.repeat(100);
  const labels = table(
    'id,label',
    rows(12, (n) => `${n},${n % 2 === 0 ? essay : 'dog'}`),
  );
  const { message } = await refused([
    file('set.zip', zip({ ...numbered('images/', 12), 'labels.csv': labels })),
  ]);
  expect(message).toContain('A class is called "once upon a time');
  expect(message).toContain('the limit is 300');
  expect(message.length).toBeLessThan(400);
});
