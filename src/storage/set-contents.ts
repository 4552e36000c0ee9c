/**
 * Schemas of packed data sets. A correct checksum shows that a set is unchanged since it was written; the schema shows
 * that it is valid.
 *
 * Images with a class each are packed as `LabelledImages`, any other set as a `Dataset`.
 */
import * as z from 'zod/mini';
import type { Column, Dataset, InputSpec, TargetSpec } from '../data/dataset';
import {
  datasetOfImages,
  labelledImagesOf,
  type ImageSplit,
  type LabelledImages,
} from '../data/labelled-images';
import { mostCharacters } from '../limits/texts';
import { PackedArray } from './pack';

const most = { classes: 10_000, columns: 10_000, views: 100, side: 16_384, count: 2 ** 40 };

const text = z.string().check(z.maxLength(mostCharacters.sentence));
const count = z.int().check(z.nonnegative(), z.maximum(most.count));
const side = count.check(z.minimum(1), z.maximum(most.side));
const channels = z.union([z.literal(1), z.literal(3)]);
const names = (fewest: number) => z.array(text).check(z.minLength(fewest), z.maxLength(most.columns));
const attribution = z.optional(z.object({ text, licence: text, url: z.optional(text) }));

type ArrayKind = 'Uint8Array' | 'Int32Array' | 'Float32Array';

/** An array of a packed set: read, or where it lies in the file. */
export type PackedValues = Column['values'] | PackedArray;

const kindOf = (values: PackedValues): string =>
  values instanceof PackedArray ? values.kind : values.constructor.name;
const read = (values: PackedValues) => (values instanceof PackedArray ? [] : values);

const array = (kind: ArrayKind) =>
  z.custom<PackedValues>(
    (value) =>
      (value instanceof PackedArray || ArrayBuffer.isView(value)) &&
      kindOf(value as Column['values']) === kind,
  );

const imageSplit = z
  .object({ images: array('Uint8Array'), labels: array('Int32Array'), count })
  .check(z.refine(({ labels, count: own }) => labels.length === own));

const imageSet = z
  .object({
    id: text,
    title: text,
    height: side,
    width: side,
    channels,
    classes: z.array(text).check(z.minLength(2), z.maxLength(most.classes)),
    train: imageSplit,
    test: imageSplit,
    attribution,
  })
  .check(
    z.refine(({ height, width, channels: depth, classes, train, test }) =>
      [train, test].every(
        ({ images, labels, count: own }) =>
          images.length === own * height * width * depth &&
          read(labels).every((number) => number >= 0 && number < classes.length),
      ),
    ),
  );

const fileColumn = z.discriminatedUnion('use', [
  z.object({
    name: text,
    use: z.literal('number'),
    median: z.nullable(z.number()),
    unit: z.optional(text),
  }),
  z.object({ name: text, use: z.literal('category'), values: names(1), gaps: z.boolean() }),
  z.object({ name: text, use: z.literal('left out'), why: text }),
]);

const input = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('image'), height: side, width: side, channels }),
  z.object({
    kind: z.literal('vector'),
    names: names(1),
    columns: z.optional(z.array(fileColumn).check(z.maxLength(most.columns))),
  }),
]);

const target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('class'), names: names(2) }),
  z
    .object({ kind: z.literal('number'), names: names(1), units: names(1) })
    .check(z.refine((spec) => spec.names.length === spec.units.length)),
  z.object({ kind: z.literal('labels'), names: names(1) }),
]);

const column = z.object({
  values: z.union([array('Uint8Array'), array('Int32Array'), array('Float32Array')]),
  shape: z.array(side).check(z.maxLength(4)),
});

const few = (values: object) => Object.keys(values).length <= most.views;
const split = z.object({
  count,
  inputs: z.record(text, column).check(z.refine(few)),
  targets: column,
  known: array('Uint8Array'),
});

const tasks = { class: 'classification', number: 'regression', labels: 'multilabel' } as const;

const anySet = z
  .object({
    id: text,
    title: text,
    task: z.enum(['classification', 'regression', 'multilabel']),
    inputs: z.record(text, input).check(z.refine(few)),
    target,
    train: split,
    test: split,
    attribution,
  })
  .check(
    z.refine(
      ({ task, inputs, target: spec, train, test }) =>
        tasks[spec.kind] === task && [train, test].every((own) => fits(own, inputs, spec)),
    ),
  );

/** Whether a split holds what the specs of its set say. */
function fits(
  { count: rows, inputs: views, targets, known }: z.infer<typeof split>,
  inputs: Record<string, InputSpec>,
  spec: TargetSpec,
): boolean {
  const specs = Object.entries(inputs);
  return (
    specs.length > 0 &&
    Object.keys(views).length === specs.length &&
    specs.every(([name, of]) => {
      const view = views[name];
      if (!view || !isOf(view, inputKind(of), inputShape(of), rows)) return false;
      return of.kind === 'image' || read(view.values).every(Number.isFinite);
    }) &&
    known.length === rows &&
    read(known).every((value) => value <= 1) &&
    isOf(targets, targetKind[spec.kind], targetShape(spec), rows) &&
    areTargets(read(targets.values), spec)
  );
}

function isOf(
  { values, shape }: z.infer<typeof column>,
  kind: ArrayKind,
  wanted: readonly number[],
  rows: number,
): boolean {
  const size = wanted.reduce((product, length) => product * length, 1);
  return kindOf(values) === kind && shape.join() === wanted.join() && values.length === rows * size;
}

const inputKind = ({ kind }: InputSpec): ArrayKind => (kind === 'image' ? 'Uint8Array' : 'Float32Array');
const inputShape = (spec: InputSpec) =>
  spec.kind === 'image' ? [spec.height, spec.width, spec.channels] : [spec.names.length];
const targetKind = { class: 'Int32Array', number: 'Float32Array', labels: 'Uint8Array' } as const;
const targetShape = ({ kind, names: labels }: TargetSpec) => (kind === 'class' ? [] : [labels.length]);

function areTargets(values: ArrayLike<number>, { kind, names: { length } }: TargetSpec): boolean {
  return Array.prototype.every.call(values, (value: number) =>
    kind === 'number' ? Number.isFinite(value) : value >= 0 && value < (kind === 'class' ? length : 2),
  );
}

const withoutSources = ({ images, labels, count: rows }: ImageSplit): ImageSplit => ({
  images,
  labels,
  count: rows,
});

/** A data set as it is packed; names of its rows lie beside it (`row-sources-file.ts`). */
export function packedForm(dataset: Dataset): unknown {
  const images = labelledImagesOf(dataset);
  const { id, title, task, inputs, target: spec, train, test, attribution: source } = dataset;
  const isAll = [train, test].every(({ known }) => known.every(Boolean));
  if (images && isAll && Object.keys(inputs).length === 1)
    return { ...images, train: withoutSources(images.train), test: withoutSources(images.test) };
  // The order of the names is part of the digest.
  const part = ({ count: rows, inputs: views, targets, known }: Dataset['train']) => ({
    count: rows,
    inputs: views,
    targets,
    known,
  });
  return {
    ...{ id, title, task, inputs, target: spec, train: part(train), test: part(test) },
    ...(source ? { attribution: source } : {}),
  };
}

/** The data set of an unpacked file whose parts are consistent; null for anything else. */
export function soundDataset(value: unknown): Dataset | null {
  if (imageSet.safeParse(value).success) return datasetOfImages(value as LabelledImages);
  return anySet.safeParse(value).success ? (value as Dataset) : null;
}

/** A split whose inputs are not read. */
export interface SplitOutline extends Omit<Dataset['train'], 'inputs'> {
  inputs: Readonly<Record<string, { values: PackedArray; shape: readonly number[] }>>;
}

export interface SetOutline extends Omit<Dataset, 'train' | 'test'> {
  train: SplitOutline;
  test: SplitOutline;
}

/**
 * The outline of a packed file with its targets read and its inputs left in the file; null when it is not consistent.
 * @throws DOMException (by rejection) when the file cannot be read
 */
export async function soundOutline(file: Blob, outline: unknown): Promise<SetOutline | null> {
  const loaded = async (values: PackedValues) =>
    values instanceof PackedArray ? ((await values.read(file)) as Column['values']) : values;
  if (imageSet.safeParse(outline).success) {
    const found = outline as z.infer<typeof imageSet>;
    const withLabels = async <S extends z.infer<typeof imageSplit>>(own: S) => ({
      ...own,
      labels: await loaded(own.labels),
    });
    const whole = { ...found, train: await withLabels(found.train), test: await withLabels(found.test) };
    return imageSet.safeParse(whole).success
      ? (datasetOfImages(whole as unknown as LabelledImages) as unknown as SetOutline)
      : null;
  }
  if (!anySet.safeParse(outline).success) return null;
  const found = outline as z.infer<typeof anySet>;
  const withTargets = async <S extends z.infer<typeof split>>(own: S) => ({
    ...own,
    targets: { ...own.targets, values: await loaded(own.targets.values) },
    known: await loaded(own.known),
  });
  const whole = { ...found, train: await withTargets(found.train), test: await withTargets(found.test) };
  return anySet.safeParse(whole).success ? (whole as unknown as SetOutline) : null;
}
