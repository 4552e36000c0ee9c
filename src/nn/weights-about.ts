/** Metadata of a weight file: enough to use the weights elsewhere and to read them here again. */
import * as z from 'zod/mini';
import type { WrittenNetwork } from './graph/emit';

export interface WeightsAbout {
  /** Name of the network (network-names.ts). */
  network: string;
  /** [h,w,c] of its images. */
  input: [number, number, number];
  classes: string[];
  /** Trained on (pixel - mean) / deviation, with pixels from 0 to 1. */
  normalisation: { mean: number; deviation: number };
}

/** As safetensors metadata: text by key. */
export function aboutToMetadata({
  network,
  input,
  classes,
  normalisation,
}: WeightsAbout): Record<string, string> {
  return {
    network,
    input: JSON.stringify(input),
    classes: JSON.stringify(classes),
    mean: String(normalisation.mean),
    deviation: String(normalisation.deviation),
  };
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
  return { graph: JSON.stringify(written) };
}

/** Reads it from a file of this page; null when there is none or it is invalid. */
export function writtenFromMetadata(metadata: Readonly<Record<string, string>>): WrittenNetwork | null {
  return (parsed(forms.written, metadata['graph']) as WrittenNetwork | undefined) ?? null;
}

const side = z.int().check(z.positive());
const forms = {
  input: z.tuple([side, side, side]),
  classes: z.array(z.string()),
  // Steps are not validated: unknown ones give a model that does not load.
  written: z.looseObject({
    input: z.tuple([side, side, side]),
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
  const [mean, deviation] = [Number(metadata['mean'] ?? NaN), Number(metadata['deviation'] ?? NaN)];
  return {
    ...(metadata['network'] ? { network: metadata['network'] } : {}),
    ...(input ? { input } : {}),
    ...(classes ? { classes } : {}),
    ...(Number.isFinite(mean) && deviation > 0 ? { normalisation: { mean, deviation } } : {}),
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
