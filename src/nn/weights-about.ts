/** Metadata of a weight file: enough to use the weights elsewhere and to read them here again. */
import * as z from 'zod/mini';
import type { WrittenNetwork } from './graph/emit';
import type { InputShape } from './describe';

export interface WeightsAbout extends FeedAbout {
  /** Name of the network (network-names.ts). */
  network: string;
}

/** What a network is given and asked. */
export interface FeedAbout {
  /** [h,w,c] of its images, or [columns] of its table. */
  input: InputShape;
  /** None where the target is no class. */
  classes: string[];
  /** Trained on (pixel - mean) / deviation, with pixels from 0 to 1, or the same for each column of a table. */
  normalisation: { mean: number | readonly number[]; deviation: number | readonly number[] };
  /** Names of the columns of a table. */
  columns?: readonly string[];
  /** How they come about from the columns of its file (`FileColumn` of data/dataset.ts). */
  fileColumns?: readonly FileColumnAbout[];
  /** What is answered where the target is no class. */
  targets?: TargetsAbout;
}

/** A column of a table's file: what it is used as, and what else must be known to use it. */
export interface FileColumnAbout {
  name: string;
  use: string;
  unit?: string | undefined;
}

/** How a row of the file becomes the columns that the network reads, for whoever feeds it one. */
const howToEncode =
  'Cells in the order of file_columns give the numbers in the order of columns. "number": the number; if median is not null, an empty cell is the median, and a second number is 1 for an empty cell, else 0. "category": one number per value, 1 for the value of the cell, else 0; if gaps is true, a last one that is 1 for an empty cell. "left out": no number. Then (number - mean) / deviation, by column, unless the model does that itself (feed).';

/** Is added where some cells are written with a sign. */
const howToReadUnits =
  ' "unit": the numbers of the column are written with this sign in the file, which is left away.';

/** Several labels at once, whose outputs are logits of a sigmoid each, or numbers. */
export interface TargetsAbout {
  names: string[];
  /** "" for none; of labels too. */
  units: string[];
  /** Per number: an answer in its unit is output * deviation + mean. Null for labels. */
  scale: { mean: number[]; deviation: number[] } | null;
}

/** As safetensors metadata: text by key. */
export function aboutToMetadata({
  network,
  input,
  classes,
  normalisation,
  columns,
  fileColumns,
  targets,
}: WeightsAbout): Record<string, string> {
  return {
    network,
    input: JSON.stringify(input),
    classes: JSON.stringify(classes),
    mean: numbersToText(normalisation.mean),
    deviation: numbersToText(normalisation.deviation),
    ...(columns ? { columns: JSON.stringify(columns) } : {}),
    ...(fileColumns
      ? {
          file_columns: JSON.stringify(fileColumns),
          file_columns_are: howToEncode + (fileColumns.some(({ unit }) => unit) ? howToReadUnits : ''),
        }
      : {}),
    ...(targets ? { targets: JSON.stringify(targets) } : {}),
  };
}

/** One number as such, several as a list. */
function numbersToText(numbers: number | readonly number[]): string {
  return typeof numbers === 'number' ? String(numbers) : JSON.stringify(numbers);
}

/** Prefix of the weights' names for one of several networks in a file. @param place 0, 1, ... */
export const memberPrefix = (place: number) => `members.${place}.`;

/** Names of the networks of a file that holds several. */
export function membersToMetadata(networks: readonly string[]): Record<string, string> {
  return { members: JSON.stringify(networks) };
}

/** Their names; null for a file with one network. */
export function membersFromMetadata(metadata: Readonly<Record<string, string>>): string[] | null {
  return parsed(z.array(z.string()).check(z.minLength(2)), metadata['members']) ?? null;
}

/** The computation of a network that has no name. */
export function writtenToMetadata(written: WrittenNetwork): Record<string, string> {
  // What a network shows beyond its outputs is of no use without the program that trained it.
  const { more: _, ...trace } = written.trace;
  return { graph: JSON.stringify({ ...written, trace }) };
}

/** Reads it from a file of this page; null when there is none or it is invalid. */
export function writtenFromMetadata(metadata: Readonly<Record<string, string>>): WrittenNetwork | null {
  return (parsed(forms.written, metadata['graph']) as WrittenNetwork | undefined) ?? null;
}

const side = z.int().check(z.positive());
const inputShape = z.union([z.tuple([side, side, side]), z.tuple([side])]);
const names = z.array(z.string());
const numbers = z.array(z.number());
const forms = {
  input: inputShape,
  names,
  numbers: z.union([z.number(), numbers]),
  fileColumns: z.array(z.looseObject({ name: z.string(), use: z.string() })),
  targets: z.object({
    names,
    units: names,
    scale: z.nullable(z.object({ mean: numbers, deviation: numbers })),
  }),
  classes: z.array(z.string()),
  // Steps are not validated: unknown ones give a model that does not load.
  written: z.looseObject({
    input: inputShape,
    nodes: z.array(z.looseObject({ name: z.string(), kind: z.string(), inputs: z.array(z.string()) })),
    trace: z.looseObject({ logits: z.string() }),
    parameters: z.array(z.object({ name: z.string(), shape: z.array(side) })),
    constants: z.array(z.object({ name: z.string(), shape: z.array(side), torch: z.array(z.number()) })),
  }),
};

/** Reads the metadata; missing or malformed parts are left out. */
export function aboutFromMetadata(metadata: Readonly<Record<string, string>>): Partial<WeightsAbout> {
  const input = parsed(forms.input, metadata['input']);
  const classes = parsed(forms.classes, metadata['classes']);
  const columns = parsed(forms.names, metadata['columns']);
  const fileColumns = parsed(forms.fileColumns, metadata['file_columns']);
  const targets = parsed(forms.targets, metadata['targets']);
  const [mean, deviation] = [
    parsed(forms.numbers, metadata['mean']),
    parsed(forms.numbers, metadata['deviation']),
  ];
  return {
    ...(metadata['network'] ? { network: metadata['network'] } : {}),
    ...(input ? { input } : {}),
    ...(classes ? { classes } : {}),
    ...(mean !== undefined && deviation !== undefined && [deviation].flat().every((each) => each > 0)
      ? { normalisation: { mean, deviation } }
      : {}),
    ...(columns ? { columns } : {}),
    ...(fileColumns ? { fileColumns } : {}),
    ...(targets ? { targets } : {}),
  };
}

function parsed<T>(form: z.ZodMiniType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return form.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
