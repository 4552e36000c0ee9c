/** Layouts of public sets: which folders are classes, and where else labels and splits stand. */
import { describe, expect, test } from 'vitest';
import type { GuessId, ImportChoices, ImportReport } from '../../../src/data/import-report';
import { file, folders, load, loaded, picture, refused, tar, text, zip, type Bytes } from './builders';

let seed = 0;

/** Pictures of these names, no two alike. */
function pictures(names: readonly string[]): Record<string, Bytes> {
  return Object.fromEntries(names.map((name) => [name, picture(++seed)]));
}

function named<T>(count: number, name: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => name(n));
}

function lines(rows: readonly string[]): Bytes {
  return text(`${rows.join('\n')}\n`);
}

async function counts(entries: Record<string, Bytes>, choices: ImportChoices = {}) {
  const { report } = await loaded([file('set.zip', zip(entries))], { choices });
  const each = (of: number[]) => Object.fromEntries(report.classes.map((name, i) => [name, of[i]!]));
  return {
    report,
    train: each(report.trainCounts),
    test: each(report.testCounts),
    all: each(report.trainCounts.map((count, i) => count + report.testCounts[i]!)),
  };
}

function guess({ guesses }: ImportReport, id: GuessId) {
  return guesses.find((known) => known.id === id);
}

function texts(report: ImportReport, id: GuessId): string[] {
  const found = guess(report, id);
  return found?.kind === 'option' ? found.options.map(({ value, text: own }) => `${value}: ${own}`) : [];
}

/** Entries of several folders together. */
function inEach(all: readonly Record<string, Bytes>[]): Record<string, Bytes> {
  return Object.fromEntries(all.flatMap((entries) => Object.entries(entries)));
}

const animals = ['cat', 'dog'];

describe('folders that are no classes', () => {
  test('inside each class say nothing', async () => {
    const { all, report } = await counts(folders(['n1/images', 'n2/images', 'n3/images'], 4, 'train/'));
    expect(all).toEqual({ n1: 4, n2: 4, n3: 4 });
    expect(guess(report, 'classLevel')).toBeUndefined();
    expect((await counts(folders(['A/A', 'B/B'], 4))).all).toEqual({ A: 4, B: 4 });
  });

  test('of which one alone is called a split, with the same folders inside, are splits', async () => {
    for (const [train, other] of [
      ['rps', 'rps-test-set'],
      ['horse', 'validation-horse'],
    ] as const) {
      const found = await counts({
        ...folders(animals, 6, `${train}/`),
        ...folders(animals, 3, `${other}/`),
      });
      expect([found.train, found.test]).toEqual([
        { cat: 6, dog: 6 },
        { cat: 3, dog: 3 },
      ]);
    }
  });

  test('beside a split that is wrapped are splits too; without a class in common they are left out', async () => {
    const entries = {
      ...folders(animals, 6, 'Set/Set/train/'),
      ...folders(animals, 3, 'Set/Set/valid/'),
      ...pictures(named(5, (n) => `test/test/x${n}.png`)),
    };
    const found = await counts(entries);
    expect([found.train, found.test, found.report.skippedCount]).toEqual([
      { cat: 6, dog: 6 },
      { cat: 3, dog: 3 },
      5,
    ]);
    const flat = await counts({
      ...folders(animals, 10, 'a_train/a_train/'),
      ...pictures(named(3, (n) => `a_test/a_test/${n}.png`)),
    });
    expect([flat.all, flat.report.skippedCount]).toEqual([{ cat: 10, dog: 10 }, 3]);
  });

  test('that hold a set twice are read once; classes of equal file names stay', async () => {
    const found = await counts({
      ...folders(animals, 6, 'My Set/my set/train/'),
      ...folders(animals, 3, 'My Set/my set/val/'),
      ...folders(animals, 6, 'my_set/my_set/train/'),
      ...folders(animals, 3, 'my_set/my_set/val/'),
    });
    expect(found.all).toEqual({ cat: 9, dog: 9 });
    expect(found.report.warnings.join()).toContain('“my_set” holds files of the same names as “My Set”');
    expect((await counts(folders(['a', 'A'], 5))).all).toEqual({ A: 5, a: 5 });
    const same = folders(['a'], 5);
    const twice = Object.fromEntries(
      Object.entries(same).map(([path, bytes]) => [`a (1)${path.slice(1)}`, bytes]),
    );
    const few = await counts({
      ...same,
      ...twice,
      ...folders(['b'], 5),
    });
    expect(few.report.classes).not.toContain('a (1)');
  });

  test('that are there beside a folder with all of them are read once', async () => {
    const once = (prefix: string) => pictures(named(12, (n) => `${prefix}${animals[n % 2]}/${n}.png`));
    const found = await counts({ ...once(''), ...once('all/') });
    expect([found.all, found.report.skippedCount]).toEqual([{ cat: 6, dog: 6 }, 12]);
    expect(found.report.warnings.join()).toContain(
      '“all” holds files of the same names as the folders beside it',
    );
  });

  test('are splits inside each class', async () => {
    const inside = (split: string, each: number) =>
      Object.fromEntries(
        animals.flatMap((name) =>
          Object.entries(pictures(named(each, (n) => `${name}/${split}/${split}${n}.png`))),
        ),
      );
    const found = await counts({ ...inside('train', 6), ...inside('test', 3) });
    expect([found.train, found.test]).toEqual([
      { cat: 6, dog: 6 },
      { cat: 3, dog: 3 },
    ]);
  });

  test('of subjects or domains are merged, and every level is offered with its classes counted', async () => {
    const three = ['art', 'photo', 'sketch'];
    const entries = inEach(
      three.map((domain) => folders(['cat', 'dog', 'owl', 'pig'], 3, `${domain}/images/`)),
    );
    const found = await counts(entries);
    expect(found.all).toEqual({ cat: 9, dog: 9, owl: 9, pig: 9 });
    expect(guess(found.report, 'classLevel')).toMatchObject({ value: 'merged', open: true });
    expect(texts(found.report, 'classLevel')).toEqual([
      'outer: the outer ones, such as art: 3 classes',
      'merged: the inner ones, merged over the others, such as cat: 4 classes in 12 folders',
      'inner: the inner ones, such as art/cat: 12 classes',
    ]);
    const shown = guess(found.report, 'classLevel')!;
    const [first] = shown.kind === 'option' ? shown.options : [];
    expect(first!.samples!.groups.map(({ name, pixels }) => [name, pixels.length])).toEqual([
      ['art', 3],
      ['photo', 3],
      ['sketch', 3],
    ]);
    const one = await counts(entries, { domain: '2' });
    expect(one.all).toEqual({ cat: 3, dog: 3, owl: 3, pig: 3 });
    expect(one.report.warnings.join()).toContain('Only “photo” was read');
    const bySubject = await counts(inEach([1, 2].map((n) => folders(animals, 5, `subject_0${n}/`))));
    expect(bySubject.all).toEqual({ cat: 10, dog: 10 });
    // Characters that are counted in each alphabet are no classes of their own.
    const alphabets = await counts(
      inEach(
        ['Greek', 'Latin', 'Runes'].map((name) => folders(['character01', 'character02'], 4, `${name}/`)),
      ),
    );
    expect(alphabets.all).toEqual({ Greek: 8, Latin: 8, Runes: 8 });
  });

  test('of masks are left out, beside the pictures or below each class', async () => {
    const only = {
      ...pictures(named(6, (n) => `images/${n}.jpg`)),
      ...pictures(named(6, (n) => `masks/${n}.png`)),
    };
    const { message, warnings } = await refused([file('set.zip', zip(only))]);
    expect(message).toContain('only one class');
    expect(warnings.join()).toContain('6 pictures are masks of others');
    const covid = ['COVID', 'Normal'].flatMap((name) =>
      ['images', 'masks'].flatMap((kind) => named(4, (n) => `${name}/${kind}/${name}-${n}.png`)),
    );
    const below = await counts(pictures(covid));
    expect([below.all, below.report.skippedCount]).toEqual([{ COVID: 4, Normal: 4 }, 8]);
    const beside = animals.flatMap((name) =>
      named(4, (n) => n).flatMap((n) => [`${name}/${name} (${n}).png`, `${name}/${name} (${n})_mask.png`]),
    );
    expect((await counts(pictures(beside))).all).toEqual({ cat: 4, dog: 4 });
    const words = ['house', 'tree', 'river', 'road'];
    const pairs = await counts(
      pictures(['dark', 'light'].flatMap((name) => words.map((word) => `${name}/${word}.png`))),
    );
    expect(pairs.report.warnings.join()).toContain('“dark” and “light” hold pictures of the same names');
    // Face masks are classes.
    expect((await counts(folders(['mask', 'no_mask'], 4))).all).toEqual({ mask: 4, no_mask: 4 });
  });
});

describe('labels in tables and lists', () => {
  const three = ['a', 'b', 'c'];
  const labelOf = (n: number) => three[n % 3]!;

  test.each<[string, string, readonly string[]]>([
    [
      'JSON by name',
      'labels.json',
      [JSON.stringify(Object.fromEntries(named(12, (n) => n).map((n) => [`p${n}.png`, labelOf(n)])))],
    ],
    [
      'a list of objects',
      'x.json',
      [JSON.stringify(named(12, (n) => n).map((n) => ({ file_name: `p${n}.png`, label: labelOf(n) })))],
    ],
    [
      'pairs',
      'dataset.json',
      [JSON.stringify({ labels: named(12, (n) => n).map((n) => [`x/p${n}.png`, labelOf(n)]) })],
    ],
    [
      'names by class',
      'x.json',
      [JSON.stringify(Object.fromEntries(three.map((name, k) => [name, named(4, (n) => `p${3 * n + k}`)])))],
    ],
    [
      "Label Studio's JSON",
      'export.json',
      [
        JSON.stringify(
          named(12, (n) => ({
            id: n,
            data: { image: `/up/1/p${n}.png` },
            annotations: [{ id: n, result: [{ value: { choices: [labelOf(n)] } }] }],
          })),
        ),
      ],
    ],
    [
      'COCO',
      'instances.json',
      [
        JSON.stringify({
          images: named(12, (n) => n).map((n) => ({ id: 100 + n, file_name: `p${n}.png` })),
          annotations: named(12, (n) => n).map((n) => ({
            image_id: 100 + n,
            category_id: 7 + (n % 3),
          })),
          categories: three.map((name, k) => ({ id: 7 + k, name })),
        }),
      ],
    ],
    [
      'JSON lines',
      'metadata.jsonl',
      named(12, (n) => JSON.stringify({ file_name: `p${n}.png`, text: labelOf(n) })),
    ],
    ['words with blanks', 'list.txt', named(12, (n) => `p${n}.png ${labelOf(n)}`)],
    [
      'ids before names',
      'x.csv',
      [
        'id,image,choice,time',
        ...named(12, (n) => `${500 + n},/up/1/p${n}.png,${labelOf(n)},2023-0${1 + (n % 9)}`),
      ],
    ],
  ])('%s', async (_, path, rows) => {
    const entries = { ...pictures(named(12, (n) => `images/p${n}.png`)), [path]: lines(rows) };
    expect((await counts(entries)).all).toEqual({ a: 4, b: 4, c: 4 });
  });

  test('a text or an object beside each picture', async () => {
    const own = (n: number, ending: string, content: string) => [`${n}.${ending}`, text(content)] as const;
    const shown = pictures(named(12, (n) => `${n}.png`));
    const cls = Object.fromEntries(named(12, (n) => n).map((n) => own(n, 'cls', String(n % 3))));
    const { report } = await loaded([file('x-000000.tar', tar({ ...shown, ...cls }))]);
    expect(report).toMatchObject({ outcome: 'loaded', classes: ['0', '1', '2'] });
    const json = Object.fromEntries(
      named(12, (n) => n).map((n) => own(n, 'json', JSON.stringify({ label: n % 3, class: labelOf(n) }))),
    );
    expect((await counts({ ...shown, ...json })).all).toEqual({ a: 4, b: 4, c: 4 });
  });

  test('parts of one heap are no classes beside a table; the column is said and asked', async () => {
    const { all, report } = await counts({
      ...pictures(named(6, (n) => `set_images_part_1/p${n}.png`)),
      ...pictures(named(6, (n) => `set_images_part_2/p${n + 6}.png`)),
      'meta.csv': lines([
        'case,image_id,dx,sex',
        ...named(12, (n) => `k${n % 6},p${n},${labelOf(n)},${n % 2 ? 'm' : 'f'}`),
      ]),
    });
    expect(all).toEqual({ a: 4, b: 4, c: 4 });
    expect(report.warnings.join()).toContain('column “dx”');
    expect(guess(report, 'target')).toMatchObject({ open: true });
  });

  test('beside class folders give pictures of the test their classes', async () => {
    const found = await counts({
      ...folders(['0', '1', '2'], 5, 'Train/'),
      ...pictures(named(6, (n) => `Test/${n}.png`)),
      ...pictures(['Meta/0.png', 'Meta/1.png']),
      'Test.csv': lines(['Width,Height,ClassId,Path', ...named(6, (n) => `1,2,${n % 3},Test/${n}.png`)]),
    });
    expect([found.train, found.test, found.report.skippedCount]).toEqual([
      { '0': 5, '1': 5, '2': 5 },
      { '0': 2, '1': 2, '2': 2 },
      2,
    ]);
    expect(found.report.warnings.join()).toContain('column “ClassId”');
  });

  test('a table that says otherwise than the folders is asked about', async () => {
    const entries = {
      ...pictures(named(8, (n) => `male/m${n}.png`)),
      ...pictures(named(8, (n) => `female/f${n}.png`)),
      'labels.csv': lines([
        'image,label',
        ...named(8, (n) => `m${n}.png,${labelOf(n % 2)}`),
        ...named(8, (n) => `f${n}.png,${labelOf(n % 2)}`),
      ]),
    };
    const found = await counts(entries);
    expect(found.all).toEqual({ female: 8, male: 8 });
    expect(guess(found.report, 'labelsFrom')).toMatchObject({ value: 'folders', open: true });
    expect((await counts(entries, { labelsFrom: 'table' })).all).toEqual({ a: 8, b: 8 });
  });

  test('several tables: the one of more pictures, and the choice', async () => {
    const shown = pictures(named(12, (n) => `images/p${n}.png`));
    const { report, all } = await counts({
      ...shown,
      'few.csv': lines(['image,label', ...named(6, (n) => `p${n}.png,${n % 2}`)]),
      'all.csv': lines(['image,breed', ...named(12, (n) => `p${n}.png,${labelOf(n)}`)]),
    });
    expect(all).toEqual({ a: 4, b: 4, c: 4 });
    expect(texts(report, 'labelTable')).toEqual([
      '1: all.csv: 12 of 12 pictures',
      '2: few.csv: 6 of 12 pictures',
    ]);
    expect(report.warnings.join()).toContain('Not used: few.csv');
  });

  test('with a quote that is never closed are passed over', async () => {
    const { all, report } = await counts({
      ...folders(animals, 4),
      'captions.csv': lines(['a,5" pipe', 'b,c']),
    });
    expect(all).toEqual({ cat: 4, dog: 4 });
    expect(report.warnings.join()).toMatch(/captions\.csv, line 1 opens a quote that is never closed/);
  });

  test('of JSON with more rows than any set has pictures are passed over', async () => {
    const { all, report } = await counts({
      ...folders(animals, 4),
      'x.json': text(`[${'{},'.repeat(500_000)}{}]`),
    });
    expect(all).toEqual({ cat: 4, dog: 4 });
    expect(report.warnings.join()).toMatch(/x\.json was not read: it has more than 500,000 rows/);
  });

  test('maps name classes that are numbers or codes', async () => {
    const shown = folders(['n01', 'n02'], 4);
    for (const [path, rows] of [
      ['words.txt', ['n01\tgoldfish, Carassius', 'n02\tbullfrog', 'n03\ttench']],
      ['map.json', ['{"n01": "goldfish", "n02": "bullfrog"}']],
      ['idx.json', ['{"goldfish": "n01", "bullfrog": "n02"}']],
      ['names.csv', ['SignName,ClassId', 'goldfish,n01', 'bullfrog,n02']],
      ['synset.txt', ['n01 goldfish', 'n02 bullfrog']],
    ] as const)
      expect((await counts({ ...shown, [path]: lines(rows) })).report.classes).toEqual([
        'goldfish',
        'bullfrog',
      ]);
    // Names that are words stay.
    const words = { ...folders(animals, 4), 'x.csv': lines(['class,latin', 'cat,Felis', 'dog,Canis']) };
    expect((await counts(words)).report.classes).toEqual(animals);
  });
});

describe('lists of a split', () => {
  const shown = folders(animals, 10, 'images/');
  const paths = Object.keys(shown);
  const isTest = (path: string) => /[89]\.png/.test(path);
  const listed = (test: boolean, of: (path: string) => string) =>
    lines(paths.filter((path) => isTest(path) === test).map(of));
  const short = (path: string) => path.replace(/^images\/|\.png$/g, '');
  const parted = { train: { cat: 8, dog: 8 }, test: { cat: 2, dog: 2 } };

  test.each<[string, Record<string, Bytes>]>([
    [
      'names without endings',
      { 'meta/train.txt': listed(false, short), 'meta/test.txt': listed(true, short) },
    ],
    ['a list for the test alone', { 'testing_list.txt': listed(true, (path) => path) }],
    [
      'JSON by split',
      {
        'split.json': text(
          JSON.stringify({ train: paths.filter((p) => !isTest(p)), test: paths.filter(isTest) }),
        ),
      },
    ],
    [
      'a column',
      {
        'meta.csv': lines([
          'file,split',
          ...paths.map((path) => `${path},${isTest(path) ? 'test' : 'train'}`),
        ]),
      },
    ],
    ['numbers', { 'list_eval_partition.txt': lines(paths.map((path) => `${path} ${isTest(path) ? 2 : 0}`)) }],
    [
      'marks by the number of a picture',
      {
        'images.txt': lines(paths.map((path, i) => `${i + 1} ${path.slice(7)}`)),
        'train_test_split.txt': lines(paths.map((path, i) => `${i + 1} ${isTest(path) ? 0 : 1}`)),
      },
    ],
  ])('%s', async (_, entries) => {
    const { train, test: tested, report } = await counts({ ...shown, ...entries });
    expect({ train, test: tested }).toEqual(parted);
    expect(report.warnings.join()).toContain('The split into training and test was taken from');
    expect(guess(report, 'split')).toMatchObject({ value: 'files' });
  });

  test('of several folds are asked about', async () => {
    const folds = Object.fromEntries(
      [1, 2].flatMap((fold) => [
        [`labels/train${fold}.txt`, lines(paths.filter((path) => !path.includes(`${fold}.png`)).map(short))],
        [`labels/test${fold}.txt`, lines(paths.filter((path) => path.includes(`${fold}.png`)).map(short))],
      ]),
    );
    const { report, test: tested } = await counts({ ...shown, ...folds }, { splitList: '2' });
    expect(texts(report, 'splitList')).toEqual(['1: 1: 20 pictures', '2: 2: 20 pictures']);
    expect(tested).toEqual({ cat: 1, dog: 1 });
  });

  test('a split column of the table with the labels', async () => {
    const { train, test: tested } = await counts({
      ...pictures(named(12, (n) => `all/p${n}.png`)),
      'm.csv': lines([
        'name,split,label',
        ...named(12, (n) => `p${n}.png,${n < 8 ? 'train' : 'test'},${animals[n % 2]}`),
      ]),
    });
    expect([train, tested]).toEqual([
      { cat: 4, dog: 4 },
      { cat: 2, dog: 2 },
    ]);
  });
});

describe('labels in file names', () => {
  test.each<[string, readonly string[], string, string[]]>([
    ['before the number', named(12, (n) => `train/${animals[n % 2]}.${n}.png`), 'beforeNumber', animals],
    [
      'of several words',
      named(12, (n) => `images/${['big_cat', 'dog'][n % 2]}_${n}.png`),
      'beforeNumber',
      ['big_cat', 'dog'],
    ],
    ['after the last sign', named(12, (n) => `x/img_${n}_${n % 3}.png`), 'afterLast_', ['0', '1', '2']],
    [
      'words after a dot',
      named(12, (n) => `x/subject0${n % 4}.${animals[Math.floor(n / 4) % 2]}.png`),
      'after.',
      animals,
    ],
  ])('%s', async (_, names, value, classes) => {
    const { report } = await counts(pictures(names));
    expect(report.classes).toEqual(classes);
    expect(guess(report, 'namePattern')).toMatchObject({ value, open: true });
    expect(report.warnings.join()).toContain('The labels were taken from the file names');
  });

  test('several parts of numbers are asked about; ages are numbers', async () => {
    const names = named(60, (n) => `${20 + (n % 25)}_${n % 2}_${n % 3}_2017${n}.png`);
    const files = [file('faces.zip', zip(pictures(names)))];
    const report = await refused(files);
    expect(guess(report, 'namePattern')).toMatchObject({ value: null, open: true });
    expect(texts(report, 'namePattern')).toHaveLength(3);
    const sexes = await load(files, { choices: { namePattern: 'part_2' } });
    expect(sexes.report.classes).toEqual(['0', '1']);
    const ages = await load(files, { choices: { namePattern: 'before_', targetKind: 'number' } });
    expect(ages.report.target?.kind).toBe('number');
  });

  test('are words where a list has numbers for the same pictures; the list of the test is the split', async () => {
    const shown = named(20, (n) => `${['big_cat', 'dog'][n % 2]}_${n}`);
    const listed = (from: number, to: number) =>
      lines(['#Image CLASS-ID', ...shown.slice(from, to).map((name, i) => `${name} ${(i % 2) + 1} 1`)]);
    const {
      train,
      test: tested,
      report,
    } = await counts({
      ...pictures(shown.map((name) => `images/${name}.jpg`)),
      ...pictures(shown.map((name) => `annotations/trimaps/${name}.png`)),
      'annotations/trainval.txt': listed(0, 16),
      'annotations/test.txt': listed(16, 20),
    });
    expect([train, tested]).toEqual([
      { big_cat: 8, dog: 8 },
      { big_cat: 2, dog: 2 },
    ]);
    expect(guess(report, 'labelsFrom')).toMatchObject({ value: 'names', open: true });
  });

  test('of the test are left out where they are numbers', async () => {
    const { all, report } = await counts({
      ...pictures(named(12, (n) => `train/${animals[n % 2]}.${n}.png`)),
      ...pictures(named(5, (n) => `test/${n + 1}.png`)),
    });
    expect([all, report.skippedCount]).toEqual([{ cat: 6, dog: 6 }, 5]);
  });

  test('beside folders of people are offered, and numbers that few pictures share too', async () => {
    const shown = named(48, (n) => `Actor_0${n % 3}/03-0${(n >> 2) % 4}-${n % 2}-0${n % 3}-${n}.png`);
    const files = [file('voices.zip', zip(pictures(shown)))];
    const { report } = await loaded(files);
    expect(guess(report, 'labelsFrom')).toMatchObject({ value: 'folders', open: true });
    const asked = await refused(files, { choices: { labelsFrom: 'names' } });
    expect(texts(asked, 'namePattern').map((one) => one.replace(/:.*/, ''))).toEqual(['part-2', 'part-3']);
    const frames = pictures(named(24, (n) => `subject${n % 2}/frame_${Math.floor(n / 2)}.png`));
    expect(guess((await counts(frames)).report, 'labelsFrom')).toBeUndefined();
    const ages = named(40, (n) => `${(n * 3) % 35}_${n % 2}_${n}.png`);
    const faces = await refused([file('faces.zip', zip(pictures(ages)))]);
    expect(texts(faces, 'namePattern')[0]).toBe(
      'before_: before the first “_”: numbers from 0 to 34, 40 of 40 names',
    );
    const aged = await load([file('faces.zip', zip(pictures(ages)))], {
      choices: { namePattern: 'before_' },
    });
    expect(aged.report.target?.kind).toBe('number');
  });

  test('folds are no classes', async () => {
    const sounds = named(30, (n) => `${n}-${n % 3}`);
    const { report } = await counts({
      ...pictures(sounds.map((name, n) => `audio/fold${n % 5}/${name}.png`)),
      'metadata.csv': lines([
        'file_name,fold,class',
        ...sounds.map((name, n) => `${name}.png,${n % 5},${['bark', 'hum', 'siren'][n % 3]}`),
      ]),
    });
    expect(report.classes).toEqual(['bark', 'hum', 'siren']);
  });
});

describe('lists by their endings', () => {
  test("MXNet's are read: their first column only counts", async () => {
    const listed = (from: number, to: number) =>
      lines(named(to - from, (n) => `${from + n}\t${n % 2}\timg/${from + n}.png`));
    const { report } = await counts({
      ...pictures(named(20, (n) => `img/${n}.png`)),
      'train.lst': listed(0, 14),
      'val.lst': listed(14, 20),
    });
    expect(report).toMatchObject({ classes: ['0', '1'], train: 14, test: 6 });
  });

  test('are named where they say nothing', async () => {
    const set = folders(animals, 8);
    const { report } = await counts({
      ...set,
      'cat/0.cls': text('0'),
      'cat/1.cls': text('0'),
      'more.lst': text('nothing\nof them\n'),
    });
    expect(report.warnings.join()).toContain('Not used: 3 files, such as ');
    const arrays = await load([
      file('train.lst', '1\n2\n'),
      file(
        'set.csv',
        `label,${named(64, (n) => `p${n}`).join()}\n${named(20, (n) => `${n % 2},${named(64, (i) => (n * i) % 255).join()}`).join('\n')}`,
      ),
    ]);
    expect(arrays.report.skipped).toMatchObject([{ where: 'train.lst' }]);
  });
});

test('folders of initials say nothing, and boxes are labels of their pictures', async () => {
  const sun = folders(['a/abbey', 'a/alley', 'b/beach'], 5, 'SUN/');
  expect((await counts(sun)).all).toEqual({ abbey: 5, alley: 5, beach: 5 });
  const shown = pictures(named(20, (n) => `train/images/${n}.png`));
  const boxes = named(
    20,
    (n) => [`train/labels/${n}.txt`, lines([`${n % 2} 0.5 0.5 0.2 0.${n + 1}`])] as const,
  );
  const { all, report } = await counts({ ...shown, ...Object.fromEntries(boxes) });
  expect(all).toEqual({ 0: 10, 1: 10 });
  expect(report.warnings.join()).toContain('The boxes were not read');
});

test('lists that mark one class each are one table, of several labels where pictures have several', async () => {
  const shown = pictures(named(24, (n) => `JPEG/${n}.png`));
  const marks = (name: string, of: (n: number) => boolean) =>
    Object.fromEntries(
      ['train', 'val'].map((split, part) => {
        const own = named(24, (n) => n).filter((n) => (n % 3 === 0) === (part === 1));
        return [`Main/${name}_${split}.txt`, lines(own.map((n) => `${n} ${of(n) ? ' 1' : '-1'}`))];
      }),
    );
  const cats = marks('cat', (n) => n % 2 === 0);
  const one = await counts({ ...shown, ...cats, ...marks('dog', (n) => n % 2 === 1) });
  expect(one.train).toEqual({ cat: 8, dog: 8 });
  expect(one.test).toEqual({ cat: 4, dog: 4 });
  expect(one.report.warnings.join()).not.toContain('Not used');
  const both = { ...shown, ...cats, ...marks('dog', (n) => n % 4 === 0) };
  const { report } = await loaded([file('set.zip', zip(both))]);
  expect(report.target).toMatchObject({ kind: 'labels', names: ['cat', 'dog'] });
});
