/** Brings the images of another set to the one that a run studies, where its recipe takes stimuli or a second domain from there. */
import { loadBundled } from '../data/bundled-sets';
import { labelsOf, onlyView, type Dataset, type ImageSpec, type Split } from '../data/dataset';
import { resize } from '../data/resize';
import { imageRow } from '../data/stored-column';
import { otherSetOf, type OtherSet } from '../distill/material/other-sets';
import type { Recipe } from '../distill/recipe';
import { sentenceOf } from '../limits/texts';
import type { SetSources } from './asset-readers';
import { RunFailure } from './failure';

const ownKnob = { knob: 'material.ownSet' };

/** @throws RunFailure (by rejection) when the other set is not to be had, or does not go with this one */
export async function withOtherImages(
  dataset: Dataset,
  { material }: Pick<Recipe, 'material'>,
  sources: SetSources,
): Promise<Dataset> {
  const wanted = otherSetOf(material);
  const own = dataset.inputs[onlyView]!;
  if (wanted === null || own.kind !== 'image') return dataset;
  const other = await opened(wanted, sources);
  const from = other.inputs[onlyView]!;
  if (from.kind !== 'image')
    throw new RunFailure(
      `“${other.title}” is a table, and images are needed here. Choose another set.`,
      ownKnob,
    );
  if (wanted.for === 'second-domain') return { ...dataset, second: secondDomain(dataset, other, from, own) };
  const { height, width, channels } = own;
  const values = fitted(other.train, from, own);
  return {
    ...dataset,
    others: { images: { values, shape: [height, width, channels] }, count: other.train.count },
  };
}

async function opened(wanted: OtherSet, { fetchAsset, ownSet }: SetSources): Promise<Dataset> {
  if ('bundled' in wanted)
    return loadBundled(wanted.bundled, fetchAsset).catch((error: unknown) => {
      throw new RunFailure(`The stimuli cannot be had. ${sentenceOf(error)}`, { knob: 'material.stimuli' });
    });
  const what = wanted.for === 'stimuli' ? 'the stimuli' : 'the second domain';
  if (wanted.own === '')
    throw new RunFailure(
      `Choose which set of your own ${what} come${wanted.for === 'stimuli' ? '' : 's'} from.`,
      ownKnob,
    );
  if (!ownSet)
    throw new RunFailure(
      `The set of your own that ${what} come${wanted.for === 'stimuli' ? '' : 's'} from is kept in the browser that it was imported in, and cannot be opened here.`,
      ownKnob,
    );
  return ownSet(wanted.own).catch((error: unknown) => {
    throw new RunFailure(
      `The set of your own for ${what} cannot be opened. ${sentenceOf(error)} Import it again, or choose another one.`,
      ownKnob,
    );
  });
}

/** The other set in the size, colours and classes of this one. */
function secondDomain(
  dataset: Dataset,
  other: Dataset,
  from: ImageSpec,
  to: ImageSpec,
): NonNullable<Dataset['second']> {
  const brought = (split: Split): Split => ({
    ...split,
    inputs: {
      [onlyView]: { values: fitted(split, from, to), shape: [to.height, to.width, to.channels] },
    },
  });
  const test = labelled(other.test);
  return {
    train: brought(other.train),
    test: test.count > 0 ? { ...brought(test), targets: targetsIn(dataset, other, test) } : null,
  };
}

/** The rows of a split that came with a target. */
function labelled(split: Split): Split {
  const rows = Array.from(split.known.keys()).filter((row) => split.known[row] === 1);
  const pick = <Of extends { values: Split['targets']['values']; shape: readonly number[] }>(
    column: Of,
  ): Of => {
    const width = column.shape.reduce((product, side) => product * side, 1);
    const values = column.values.slice(0, rows.length * width);
    rows.forEach((row, place) =>
      values.set(column.values.subarray(row * width, (row + 1) * width), place * width),
    );
    return { ...column, values };
  };
  const inputs = Object.fromEntries(
    Object.entries(split.inputs).map(([name, column]) => [name, pick(column)]),
  );
  return {
    count: rows.length,
    inputs,
    targets: pick(split.targets),
    known: new Uint8Array(rows.length).fill(1),
  };
}

/** Targets as this set numbers them: classes go by name, in whatever order. */
function targetsIn({ target, title }: Dataset, other: Dataset, split: Split): Split['targets'] {
  const [own, theirs] = [target.names, other.target.names];
  if (other.target.kind !== target.kind)
    throw new RunFailure(
      `“${other.title}” asks for something else than “${title}”, so it cannot be its second domain. Choose a set with the same targets.`,
      ownKnob,
    );
  const lacking = (names: readonly string[], others: readonly string[]) =>
    names.filter((name) => !others.includes(name));
  const missing = [
    [other.title, lacking(own, theirs)] as const,
    [title, lacking(theirs, own)] as const,
  ].filter(([, names]) => names.length > 0);
  if (missing.length > 0)
    throw new RunFailure(
      `The second domain needs the same names as “${title}”. ${missing.map(([set, names]) => `“${set}” has no ${listed(names)}.`).join(' ')} Rename its folders, or choose another set.`,
      ownKnob,
    );
  if (target.kind === 'class') {
    const places = theirs.map((name) => own.indexOf(name));
    return { ...split.targets, values: labelsOf(split).map((label) => places[label]!) };
  }
  if (own.join() !== theirs.join())
    throw new RunFailure(
      `“${other.title}” has the targets of “${title}” in another order. Import it with the same order.`,
      ownKnob,
    );
  return split.targets;
}

/** Some names in quotes. */
function listed(names: readonly string[]): string {
  const most = 5;
  const shown = names
    .slice(0, most)
    .map((name) => `“${name}”`)
    .join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** Images in another size and as many channels, [N*H*W*C] bytes: areas averaged, grey repeated, colour as its brightness. */
function fitted({ inputs, count }: Split, from: ImageSpec, to: ImageSpec): Uint8Array {
  const ownSize = from.height * from.width * from.channels;
  const size = to.height * to.width * to.channels;
  const resized = new Uint8Array(to.height * to.width * from.channels);
  const values = new Uint8Array(count * size);
  for (let row = 0; row < count; row++) {
    resize(imageRow(inputs[onlyView]!, row, ownSize), from, resized, to, from.channels);
    for (let p = 0; p < size; p++) values[row * size + p] = channelAt(resized, p, from.channels, to.channels);
  }
  return values;
}

/** Value p of an image in `to` channels. */
function channelAt(image: Uint8Array, p: number, from: number, to: number): number {
  if (from === to) return image[p]!;
  const place = Math.floor(p / to);
  if (from === 1) return image[place]!;
  const [red, green, blue] = [0, 1, 2].map((channel) => image[3 * place + channel]!);
  return Math.round(0.299 * red! + 0.587 * green! + 0.114 * blue!);
}
