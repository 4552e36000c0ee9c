/** Facts about the bundled sets that are known before they are fetched. */
import { onlyView, type Attribution, type Dataset } from './dataset';

/** Where the rows of a bundled set come from. */
export type BundledSource =
  /** Files in MNIST's layout below `public/data/ID`. */
  | { kind: 'idx' }
  /** A table `public/data/ID/ID.csv`, read like an upload. */
  | { kind: 'csv' }
  /** Computed in the page (`drawn/`), the same numbers each time; `from` is the bundled set whose rows are used. */
  | { kind: 'drawn'; what: DrawnKind; from?: string };

export type DrawnKind = 'hand' | 'two-digits' | 'blobs' | 'moons' | 'spirals';

export interface BundledAbout extends Pick<
  Dataset,
  'id' | 'title' | 'task' | 'inputs' | 'target' | 'attribution'
> {
  source: BundledSource;
  train: number;
  test: number;
  /** Download size of all files together; 0 for a set that is drawn from no file. */
  bytes: number;
}

const grey = (width: number, height: number): Dataset['inputs'] => ({
  [onlyView]: { kind: 'image', height, width, channels: 1 },
});
const plane: Dataset['inputs'] = { [onlyView]: { kind: 'vector', names: ['x', 'y'] } };
const ofClasses = (names: string[]) => ({
  task: 'classification' as const,
  target: { kind: 'class' as const, names },
});

const digitNames = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

const penguinColumns = [
  'Island = Biscoe',
  'Island = Dream',
  'Island = Torgersen',
  'Beak Length (mm)',
  'Beak Length (mm) is missing',
  'Beak Depth (mm)',
  'Beak Depth (mm) is missing',
  'Flipper Length (mm)',
  'Flipper Length (mm) is missing',
  'Body Mass (g)',
  'Body Mass (g) is missing',
  'Sex = FEMALE',
  'Sex = MALE',
  'Sex is missing',
];

const fashionClasses = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

const digits: Attribution = {
  text: 'Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998. Changed: format, values scaled to 0..255, own split.',
  licence: 'CC BY 4.0',
  url: 'https://doi.org/10.24432/C50P49',
};

const fashion: Attribution = {
  text: 'Fashion-MNIST, © 2017 Zalando SE. H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747.',
  licence: 'MIT',
  url: 'https://github.com/zalandoresearch/fashion-mnist',
};

export const bundledSets: readonly BundledAbout[] = [
  {
    id: 'digits-8x8',
    title: 'Digits, 8×8',
    train: 1437,
    test: 360,
    source: { kind: 'idx' },
    inputs: grey(8, 8),
    bytes: 45_402,
    ...ofClasses(digitNames),
    attribution: digits,
  },
  {
    id: 'fashion-mnist-small',
    title: 'Fashion, 2,000 images',
    train: 2000,
    test: 500,
    source: { kind: 'idx' },
    inputs: grey(28, 28),
    bytes: 1_085_411,
    ...ofClasses(fashionClasses),
    attribution: { ...fashion, text: `${fashion.text} The first 200 and 50 images of each class.` },
  },
  {
    id: 'fashion-mnist',
    title: 'Fashion-MNIST, complete',
    train: 60_000,
    test: 10_000,
    source: { kind: 'idx' },
    inputs: grey(28, 28),
    bytes: 30_878_551,
    ...ofClasses(fashionClasses),
    attribution: fashion,
  },
  {
    id: 'penguins',
    title: 'Penguins, three species',
    source: { kind: 'csv' },
    train: 275,
    test: 69,
    bytes: 13487,
    inputs: { [onlyView]: { kind: 'vector', names: penguinColumns } },
    ...ofClasses(['Adelie', 'Chinstrap', 'Gentoo']),
    attribution: {
      text: 'Palmer Archipelago penguins, K. Gorman, T. Williams and W. Fraser, prepared by A. Horst, A. Hill and K. Gorman, 2020. Changed: format.',
      licence: 'CC0 1.0',
      url: 'https://github.com/allisonhorst/palmerpenguins',
    },
  },
  {
    id: 'hand',
    title: 'Clock hand, angle in degrees',
    source: { kind: 'drawn', what: 'hand' },
    train: 1000,
    test: 300,
    bytes: 0,
    inputs: grey(16, 16),
    task: 'regression',
    target: { kind: 'number', names: ['angle'], units: ['°'] },
  },
  {
    id: 'two-digits',
    title: 'Two digits, 16×8',
    source: { kind: 'drawn', what: 'two-digits', from: 'digits-8x8' },
    train: 2000,
    test: 500,
    bytes: 45_402,
    inputs: grey(16, 8),
    task: 'multilabel',
    target: { kind: 'labels', names: digitNames },
    attribution: { ...digits, text: `${digits.text} Two of them in each picture.` },
  },
  {
    id: 'blobs',
    title: 'Blobs in a plane',
    source: { kind: 'drawn', what: 'blobs' },
    train: 600,
    test: 300,
    bytes: 0,
    inputs: plane,
    ...ofClasses(['blob 1', 'blob 2', 'blob 3', 'blob 4', 'blob 5']),
  },
  {
    id: 'moons',
    title: 'Two moons',
    source: { kind: 'drawn', what: 'moons' },
    train: 600,
    test: 300,
    bytes: 0,
    inputs: plane,
    ...ofClasses(['upper moon', 'lower moon']),
  },
  {
    id: 'spirals',
    title: 'Three spirals',
    source: { kind: 'drawn', what: 'spirals' },
    train: 600,
    test: 300,
    bytes: 0,
    inputs: plane,
    ...ofClasses(['arm 1', 'arm 2', 'arm 3']),
  },
];
