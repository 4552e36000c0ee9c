/** What the readers of PyTorch folders make of files as people have them, and what they say of those that do not fit. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scriptsFor } from '../../../src/export/pytorch/scripts';
import { encodePng } from '../../../src/data/png';
import { python } from '../../support/pytorch';

/** A reader's answer, as JSON: inputs (of a table, else their shape), targets and roles; or what it ends the program with. */
const asks = `
import importlib, json, sys
place, reader, root, description = sys.argv[1:]
sys.path.insert(0, place)
module = importlib.import_module(f"readers.{reader}")
try:
    inputs, targets, _, roles, _ = module.read(json.loads(description), root, "train")
    told = {
        "inputs": inputs.tolist() if inputs.dim() == 2 else list(inputs.shape),
        "targets": targets.tolist(),
        "roles": roles,
    }
except SystemExit as end:
    told = {"error": str(end)}
print(json.dumps(told).replace("NaN", "null"))
`;

let place: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'pytorch-readers-'));
  await writeFiles(place, scriptsFor(['readers/image_list', 'readers/text_table']));
});
afterAll(() => rm(place, { recursive: true }));

async function writeFiles(root: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

let cases = 0;
/** What a reader makes of files. */
async function read(
  reader: string,
  description: object,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<{ inputs?: number[] | number[][]; targets?: unknown; roles?: string[]; error?: string }> {
  const root = join(place, `case ${++cases}`);
  await writeFiles(root, files);
  const told = execFileSync(python!, ['-c', asks, place, reader, root, JSON.stringify(description)], {
    encoding: 'utf8',
  });
  const last = told.trim().split('\n').at(-1)!;
  return JSON.parse(last.replaceAll(`${root}/`, '')) as object;
}

const about = (id: string, names: string[], input: object) => ({ task: { id, names }, input, target: null });
const table = { kind: 'vector', shape: [2], names: ['height', 'width'] };

test.skipIf(!python).each([
  ['tabs and names', 'train.tsv', 'height\twidth\tclass\n1\t2.5\ttree\n3\t?\thouse\n'],
  [
    'semicolons, decimal commas and columns in another order',
    'train.csv',
    'class;width;height\ntree;2,5;1\nhouse;NA;3\n',
  ],
  ['commas without names', 'train.data', '1,2.5,tree\n3,,house\n'],
  ['blanks without names', 'train.txt', '  1   2.5  tree\n\n  3  nan  house\n'],
])('a table with %s is read', async (_, file, text) => {
  const description = about('classification', ['tree', 'house'], table);
  expect(await read('text_table', description, { [file]: text })).toEqual({
    inputs: [
      [1, 2.5],
      [3, 0],
    ],
    targets: [0, 1],
    roles: ['labelled', 'labelled'],
  });
});

test.skipIf(!python)('a table without names has several numbers behind its columns', async () => {
  const description = about('regression', ['mass', 'age'], table);
  const { targets, roles } = await read('text_table', description, { 'train.dat': '1 2 3 4\n5 6 NaN 8\n' });
  expect(targets).toEqual([
    [3, 4],
    [null, 8],
  ]);
  expect(roles).toEqual(['labelled', 'unlabelled']);
});

test.skipIf(!python).each([
  [
    '1,2\n3,4\n',
    'train.data has 2 columns without names; without names it must have those of the recipe in their order: height, width, class.',
  ],
  ['1 2 a\n3 4\n', 'Row 2 of train.data has 2 cells, and the first one 3.'],
  ['', 'train.data is empty.'],
  ['h,w,class\n1,2,tree\n', 'train.data has no column “height”; it has h, w, class.'],
  ['1,2,tree\n1,2,car\n', 'The recipe has no class “car” of train.data. It has 2: tree, house.'],
])('a table that does not fit is refused in words: %j', async (text, error) => {
  const description = about('classification', ['tree', 'house'], table);
  expect(await read('text_table', description, { 'train.data': text })).toEqual({ error });
});

const image = { kind: 'image', shape: [2, 2, 1] };
const picture = encodePng(new Uint8Array(4), { height: 2, width: 2 }, 1);
const pictures = { 'a.png': picture, 'more of them/b c.png': picture };

test.skipIf(!python).each([
  ['classes by number', 'classification', ['tree', 'house'], 'a.png 1\nmore of them/b c.png 0\n', [1, 0]],
  [
    'classes by name, one without',
    'classification',
    ['old tree', 'house'],
    '"a.png", old tree\nmore of them/b c.png\n',
    [0, -1],
  ],
  [
    'numbers',
    'regression',
    ['x', 'y'],
    '# made by hand\na.png\t1.5\t-2\nmore of them/b c.png\t0\tnan\n',
    [
      [1.5, -2],
      [0, null],
    ],
  ],
  [
    'labels as 0 and 1',
    'labels',
    ['red', 'green', 'blue'],
    'a.png 0 1 1\nmore of them/b c.png 0 0 0\n',
    [
      [0, 1, 1],
      [0, 0, 0],
    ],
  ],
  [
    'labels by name and number',
    'labels',
    ['red', 'green', 'blue'],
    'file,labels\na.png,Red,2\nmore of them/b c.png,green\n',
    [
      [1, 0, 1],
      [0, 1, 0],
    ],
  ],
])('a list of pictures with %s is read', async (_, task, names, text, targets) => {
  const files = { ...pictures, 'train.txt': text };
  const told = await read('image_list', about(task, names, image), files);
  expect(told).toMatchObject({ inputs: [2, 1, 2, 2], targets });
});

test.skipIf(!python).each([
  ['a.png 2\n', 'Line 1 of train.txt: class 2. The recipe’s 2 classes have numbers from 0: tree, house.'],
  ['a.png car\n', 'The recipe has no class “car” of train.txt. It has 2: tree, house.'],
  ['a.png 1\nb.png 0\n', 'Line 2 of train.txt: there is no b.png.'],
  ['a.png 1\nb 0\n', 'Line 2 of train.txt has no path of a picture (.png, .jpg, .jpeg, .webp, .bmp, .gif).'],
  ['bad.png 1\n', 'bad.png cannot be read as a picture.'],
  ['\n', 'train.txt lists no pictures.'],
])('a list that does not fit is refused in words: %j', async (text, error) => {
  const files = { ...pictures, 'bad.png': new Uint8Array(30), 'train.txt': text };
  const description = about('classification', ['tree', 'house'], image);
  expect(await read('image_list', description, files)).toEqual({ error });
});

test.skipIf(!python)('where nothing lies, what was looked for is named', async () => {
  const description = about('classification', ['tree', 'house'], image);
  const { error } = await read('image_list', description, pictures);
  expect(error).toMatch(/^There is no train data in .*: looked for train\.txt, train\.csv\.$/);
});
