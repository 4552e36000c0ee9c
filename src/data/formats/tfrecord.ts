/** TFRecord files: an example for each picture, encoded or as its pixels, with a label. */
import { rawFromArrays, type ImageArray } from '../arrays';
import { exampleIn, isTfRecord, recordsIn, type Example, type Feature } from '../containers/tfrecord-file';
import { Refusal, type ImportContext } from '../import-context';
import { labelsFromTexts } from '../labels';
import { flatLayout, layoutOf, stridesOf } from '../layout';
import { counted } from '../limits';
import type { Numbers } from '../number-array';
import { roleOfPath } from '../paths';
import { pictureKind } from '../picture-header';
import type { Placed } from '../placed';
import type { RawDataset } from '../raw-dataset';
import { sourceOf, whyUnreadable, type Source } from '../source';
import { rawFromPictures } from './decode-pictures';
import { namesFrom, type Format } from './dataset-format';
import { withNumberLabels } from './pictures';

/** An example with its place. */
interface Row {
  example: Example;
  source: Source;
  where: string;
  /** Sorts like its place. */
  path: string;
}

export const tfrecord: Format = {
  name: 'TFRecord',
  noun: 'a TFRecord file',
  recognise: ({ head }) => isTfRecord(head),
  async read(sources, aside, context) {
    const rows: Row[] = [];
    for (const source of sources) {
      context.progress(`Reading ${source.path}`);
      await collect(source, rows, context);
    }
    const [first] = rows;
    if (!first) {
      const [failed] = context.skipped;
      throw new Refusal(
        failed ? `${failed.where} ${failed.why}.` : `${sources[0]!.where} holds no examples.`,
      );
    }
    const image = imageName(first);
    const label = labelName(first, image, context);
    const feature = first.example.get(image)!;
    const isEncoded = feature.kind === 'bytes' && pictureKind(feature.values[0]!) !== null;
    const raw = isEncoded
      ? withNumberLabels(await rawFromPictures(placedIn(rows, image, label, context), context))
      : await pixelsIn(rows, image, label, context);
    return { format: 'TFRecord', raw: { ...raw, names: raw.names ?? namesFrom(aside) } };
  },
};

/** Adds the examples of a file; those before a damaged place are kept. */
async function collect(source: Source, rows: Row[], context: ImportContext): Promise<void> {
  let count = 0;
  try {
    for (const record of recordsIn(await source.read(Infinity))) {
      await context.yieldToMessages();
      context.checkSize(rows.length + 1, 0);
      const where = `${source.where}, record ${counted(++count)}`;
      rows.push({
        example: exampleIn(record),
        source,
        where,
        path: `${source.path}/${String(count).padStart(9, '0')}`,
      });
    }
  } catch (error) {
    context.skip(source.where, whyUnreadable(error));
  }
}

/** Fewest pixels of an image, 4x4. */
const fewestPixels = 16;

/** The feature that holds the picture: an encoded one, else the longest list of numbers or bytes. */
function imageName({ example, where }: Row): string {
  const lengths = [...example].map(([name, feature]) => ({ name, feature, length: lengthOf(feature) }));
  const encoded = lengths.find(
    ({ feature }) => feature.kind === 'bytes' && feature.values[0] && pictureKind(feature.values[0]) !== null,
  );
  const [longest] = lengths.sort((a, b) => b.length - a.length);
  const found = encoded ?? (longest && longest.length >= fewestPixels ? longest : null);
  if (!found)
    throw new Refusal(
      `${where} has no picture: it holds ${listed([...example.keys()])}. Write the pictures as encoded bytes.`,
    );
  return found.name;
}

function lengthOf({ kind, values }: Feature): number {
  return kind === 'numbers' ? values.length : values.length === 1 ? values[0]!.length : 0;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.slice(0, 12).join(', ');
}

/** The feature with the label; asked where several may be it. */
function labelName({ example, where }: Row, image: string, context: ImportContext): string {
  const single = [...example].filter(
    ([name, feature]) =>
      name !== image &&
      feature.values.length === 1 &&
      !/(height|width|depth|channels?|format|colorspace|file_?name|id|sha\d*|key)$/i.test(
        name.replace(/class_id$|label_id$/, ''),
      ),
  );
  const rank = (name: string) =>
    (/(^|[/_])(label|class|target|category|y)s?$/i.test(name) ? 2 : 0) +
    (/(label|class|target)/i.test(name) ? 1 : 0);
  const [likely] = single.map(([name]) => name).sort((a, b) => rank(b) - rank(a));
  if (likely === undefined)
    throw new Refusal(
      `${where} has a picture, “${image}”, but no label; it holds ${listed([...example.keys()])}.`,
    );
  if (single.length === 1) return likely;
  const options = single.map(([name]) => ({ value: name, text: name }));
  return context.pick('labels', 'Labels', options, likely, rank(likely) === 0) ?? likely;
}

/** The label of an example as a text; null for none. */
function labelIn(example: Example, name: string): string | null {
  const feature = example.get(name);
  const value = feature?.values[0];
  if (value === undefined) return null;
  const text = typeof value === 'number' ? String(value) : new TextDecoder().decode(value);
  return text.trim().normalize('NFC') || null;
}

/** The file name that an example states; "" for none. */
function fileNameIn(example: Example): string {
  const named = [...example].find(([name]) => /(^|[/_])file_?name$/i.test(name))?.[1];
  const [value] = named?.kind === 'bytes' ? named.values : [];
  return value ? new TextDecoder().decode(value) : '';
}

function placedIn(
  rows: readonly Row[],
  image: string,
  label: string,
  context: ImportContext,
): Placed<Source>[] {
  const placed: Placed<Source>[] = [];
  for (const { example, source, where, path } of rows) {
    const feature = example.get(image);
    const className = labelIn(example, label);
    const bytes = feature?.kind === 'bytes' ? feature.values[0] : undefined;
    if (!bytes) context.skip(where, 'holds no picture');
    else if (className === null) context.skip(where, 'has no label');
    else
      placed.push({
        item: { ...sourceOf(path, where, bytes), rowName: fileNameIn(example) },
        role: roleOfPath(source.path),
        className,
      });
  }
  return placed;
}

/** Pictures that are lists of pixels, one array for each split. */
async function pixelsIn(
  rows: readonly Row[],
  image: string,
  label: string,
  context: ImportContext,
): Promise<RawDataset> {
  const length = lengthOf(rows[0]!.example.get(image)!);
  const shape = shapeIn(rows[0]!.example, length);
  const parts = new Map<string, { rows: Row[]; labels: string[] }>();
  for (const row of rows) {
    const feature = row.example.get(image);
    const text = labelIn(row.example, label);
    if (!feature || lengthOf(feature) !== length)
      context.skip(row.where, `holds no picture of ${counted(length)} numbers, as the first one`);
    else if (text === null) context.skip(row.where, 'has no label');
    else {
      const key = String(roleOfPath(row.source.path));
      const part = parts.get(key) ?? { rows: [], labels: [] };
      parts.set(key, part);
      part.rows.push(row);
      part.labels.push(text);
    }
  }
  const arrays = [...parts.values()].map((part): ImageArray => {
    const values = numbersIn(part.rows, image, length);
    const [{ where, source }] = part.rows as [Row];
    const full = [part.rows.length, ...(shape ?? [])];
    return {
      values: () => Promise.resolve(values),
      layout: shape
        ? layoutOf(full, stridesOf(full, false), where, context, values.get)
        : flatLayout(part.rows.length, length, { image: length, element: 1 }, where, context, values.get),
      labels: labelsFromTexts(part.labels),
      role: roleOfPath(source.path),
      where,
    };
  });
  return rawFromArrays(arrays, null, context);
}

/** Height, width and channels that an example states beside its pixels; null when they do not fit. */
function shapeIn(example: Example, length: number): number[] | null {
  const stated = (pattern: RegExp) => {
    const found = [...example].find(([name]) => pattern.test(name))?.[1].values[0];
    return typeof found === 'number' ? found : null;
  };
  const [height, width] = [stated(/(^|[/_])(height|rows)$/i), stated(/(^|[/_])(width|cols|columns)$/i)];
  if (height === null || width === null) return null;
  const channels = stated(/(^|[/_])(depth|channels?)$/i) ?? length / (height * width);
  return height * width * channels === length && [1, 3, 4].includes(channels)
    ? [height, width, channels]
    : null;
}

function numbersIn(rows: readonly Row[], image: string, length: number): Numbers {
  const lists = rows.map(({ example }) => {
    const feature = example.get(image)!;
    return feature.kind === 'numbers' ? feature.values : feature.values[0]!;
  });
  return { length: rows.length * length, get: (i) => lists[Math.floor(i / length)]![i % length]! };
}
