/**
 * Data sets bundled with the page: in MNIST's file layout or as a table, read by the same readers as an
 * upload, or drawn here.
 */
import { bundledSets, type BundledAbout, type BundledSource, type DrawnKind } from './bundled-about';
import { onlyView, type Dataset, type ImageSpec, type Split } from './dataset';
import { drawHands } from './drawn/hand';
import { drawPoints, type PointsKind } from './drawn/points';
import { splitOf } from './drawn/split-of';
import { drawTwoDigits } from './drawn/two-digits';
import { gunzip, isGzip } from './containers/gzip';
import { parseIdx } from './formats/idx';
import { ImportContext } from './import-context';
import { sentenceOf } from '../limits/texts';
import { sourceOf } from './source';

export { bundledSets } from './bundled-about';

type FetchBytes = (path: string) => Promise<ArrayBuffer>;
/** `inputs` where the file says more of them than the description. */
type Splits = Pick<Dataset, 'train' | 'test'> & Partial<Pick<Dataset, 'inputs'>>;

/**
 * Loads a bundled set. `fetchBytes` gets a path below the folder of the page, such as
 * "data/digits-8x8/train-images-idx3-ubyte.gz". Rejects for an unknown id, when `fetchBytes` rejects, and when a file
 * is malformed.
 */
export async function loadBundled(id: string, fetchBytes: FetchBytes): Promise<Dataset> {
  const about = bundledSets.find((set) => set.id === id);
  if (!about) throw new Error(`There is no bundled data set "${id}".`);
  const { title, task, inputs, target, attribution, source } = about;
  const rows = await rowsOf(about, source, fetchBytes);
  return { id, title, task, inputs, target, ...rows, ...(attribution ? { attribution } : {}) };
}

function rowsOf(about: BundledAbout, source: BundledSource, fetchBytes: FetchBytes): Promise<Splits> {
  switch (source.kind) {
    case 'idx':
      return readIdx(about, fetchBytes);
    case 'csv':
      return readCsv(about, fetchBytes);
    case 'drawn':
      return drawn(about, source, fetchBytes);
  }
}

const noAside = { names: [], tables: [], texts: [] };

async function readCsv(
  { id, title, inputs, target, train, test }: BundledAbout,
  fetchBytes: FetchBytes,
): Promise<Splits> {
  const path = `data/${id}/${id}.csv`;
  const bytes = new Blob([await fetchBytes(path)]);
  // Only sets of this kind need the reader of tables.
  const [{ csv }, { assembleTable }] = await Promise.all([
    import('./formats/csv'),
    import('./tables/assemble-table'),
  ]);
  const context = bundledContext();
  const read = async () => {
    const reading = await csv.read([sourceOf(path, path, bytes)], noAside, context);
    if (!('table' in reading)) throw new Error(`${path} is no table of measurements.`);
    return assembleTable(reading.table, title, context);
  };
  const { dataset } = await read().catch((error: unknown) => {
    throw new Error(`The bundled data set "${id}" cannot be read. ${sentenceOf(error)} Reload the page.`);
  });
  const isAsDescribed =
    JSON.stringify([namesOf(dataset), dataset.target]) === JSON.stringify([namesOf({ inputs }), target]) &&
    dataset.train.count === train &&
    dataset.test.count === test;
  if (!isAsDescribed) throw new Error(`The bundled data set "${id}" is incomplete. Reload the page.`);
  return { inputs: dataset.inputs, train: dataset.train, test: dataset.test };
}

/** Of the columns. */
function namesOf({ inputs }: Pick<Dataset, 'inputs'>): string[] {
  const spec = inputs[onlyView];
  return spec?.kind === 'vector' ? spec.names : [];
}

async function readIdx(about: BundledAbout, fetchBytes: FetchBytes): Promise<Splits> {
  const [train, test] = await Promise.all([
    readIdxSplit(about, 'train', about.train, fetchBytes),
    readIdxSplit(about, 't10k', about.test, fetchBytes),
  ]);
  return { train, test };
}

async function readIdxSplit(
  { id, inputs }: BundledAbout,
  name: string,
  count: number,
  fetchBytes: FetchBytes,
): Promise<Split> {
  const load = async (file: string) => {
    const path = `data/${id}/${name}-${file}.gz`;
    return valuesOf(await fetchBytes(path), path);
  };
  const [images, labels] = await Promise.all([load('images-idx3-ubyte'), load('labels-idx1-ubyte')]);
  const { height, width, channels } = inputs[onlyView] as ImageSpec;
  if (images.length !== count * height * width || labels.length !== count)
    throw new Error(`The bundled data set "${id}" is incomplete. Reload the page.`);
  const input = { values: images, shape: [height, width, channels] };
  return splitOf(count, input, { values: Int32Array.from(labels), shape: [] });
}

/** Seed of every drawn set: the rows do not depend on a recipe, so that all runs have the same data. */
const seed = 1;

type Draw = (about: BundledAbout, from: Dataset | null) => Splits;

const points =
  (kind: PointsKind): Draw =>
  (about) => {
    const [train, test] = drawPoints(kind, seed, about.train, about.test);
    return { train, test };
  };

const draws: Readonly<Record<DrawnKind, Draw>> = {
  hand: (about) => ({
    train: drawHands(seed, about.train, ''),
    test: drawHands(seed, about.test, '-test'),
  }),
  'two-digits': (about, digits) => ({
    train: drawTwoDigits(digits!.train, seed, about.train, ''),
    test: drawTwoDigits(digits!.test, seed, about.test, '-test'),
  }),
  blobs: points('blobs'),
  moons: points('moons'),
  spirals: points('spirals'),
};

async function drawn(
  about: BundledAbout,
  { what, from }: BundledSource & { kind: 'drawn' },
  fetchBytes: FetchBytes,
): Promise<Splits> {
  return draws[what](about, from === undefined ? null : await loadBundled(from, fetchBytes));
}

/** The bytes of an IDX file. Servers may already have unpacked the gzip. */
async function valuesOf(buffer: ArrayBuffer, path: string): Promise<Uint8Array> {
  let bytes = new Uint8Array(buffer);
  if (isGzip(bytes)) bytes = await gunzip(new Blob([buffer]), bundledContext());
  const { shape } = parseIdx(bytes, path, path);
  return bytes.slice(4 + 4 * shape.length);
}

/** A context for bundled files: of its limits only the one on unpacked bytes applies. */
function bundledContext(): ImportContext {
  return new ImportContext({
    decodeImage: noPictures,
  });
}

function noPictures(): Promise<never> {
  return Promise.reject(new Error('A bundled set has no pictures to decode.'));
}
