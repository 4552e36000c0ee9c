/**
 * Reads weights from the user's files: finds the weight files, recognises the network, checks that it fits the data.
 */
import { unzipSync } from 'fflate';
import {
  aboutFromMetadata,
  membersFromMetadata,
  writtenFromMetadata,
  type WeightsAbout,
} from './weights-about';
import { planNetwork } from './describe';
import { torchShape, type NamedArray } from './layouts';
import { isRounded } from './graph/emit';
import { batchNormEpsilon } from './graph/model-graph';
import { colourScales, splitName, type ColourScale } from './network-names';
import { colours } from './networks/define-network';
import { spellingsOf } from './foreign-names';
import { mayHold, possibleOutputs, recogniseNetwork, withoutPrefix, type Wanted } from './recognise';
import { readSafetensors, readSafetensorsMetadata } from './safetensors';
import { readTorchState } from './torch-state';
import { isTorchFile } from '../torch-file/torch-file';
import { readForeignTfjs, readTfjsWeights, type ForeignTfjsModel } from './tfjs-weights';

export type { ForeignTfjsModel } from './tfjs-weights';

/** A file by name; its folders distinguish files of the same name. */
export interface WeightFile {
  path: string;
  bytes: Uint8Array;
}

/** A network that can teach on this data. */
export interface ForeignNetwork {
  network: string;
  /** Exactly the network's parameters, in PyTorch's names and layouts. */
  weights: readonly NamedArray[];
  /** Outputs of its last layer: as many as are wanted, or those of other classes that it has learned. */
  outputs: number;
  /** Networks that have the same weights and compute something else, which cannot be seen in the file. */
  others: { network: string; weights: readonly NamedArray[] }[];
  /** The normalisation that the file states; null when it states none, and the data set's own is used. */
  normalisation: { mean: number; deviation: number } | null;
  /** Names of the classes that it was trained on, where the file states them. */
  classes?: string[];
  /** Sentences for the user before it is used. */
  notes: string[];
}

/**
 * The TensorFlow.js model in dropped files, if it can only be run as it is: made elsewhere, or with folded batch
 * norms. Null when there is none; then try `readForeignNetwork`.
 * @throws Error with a sentence when one of its files is missing
 */
export function readForeignModel(files: readonly WeightFile[]): ForeignTfjsModel | null {
  const usable = files.flatMap(unpacked);
  if (usable.some(({ path }) => path.toLowerCase().endsWith('.safetensors'))) return null;
  const model = modelIn(usable);
  return model ? readForeignTfjs(new TextDecoder().decode(model.bytes), filesBeside(model, usable)) : null;
}

/**
 * The network in dropped files: a safetensors file, a checkpoint of PyTorch, a TensorFlow.js model saved by this page,
 * or a zip of one of them.
 * @param wanted input shape and number of classes
 * @param chosen the network and its normalisation, where they were chosen among several; it has as many outputs as wanted
 * @throws Error with a sentence for the user when it cannot teach
 */
export function readForeignNetwork(
  files: readonly WeightFile[],
  wanted: Wanted,
  chosen?: Pick<ForeignNetwork, 'network'> & { normalisation: { mean: number; deviation: number } },
): ForeignNetwork {
  const { state, metadata, notes = [] } = readState(files);
  const about = aboutFromMetadata(metadata);
  if (membersFromMetadata(metadata))
    throw new Error(
      'This file holds several networks that taught together, and one is wanted. Save one of them alone, as safetensors under PyTorch’s names.',
    );
  const written = writtenFromMetadata(metadata);
  if (metadata['precision'] !== undefined || (written && isRounded(written)))
    throw new Error(
      `This file holds ${about.network ?? 'a student'} in low precision, which cannot teach from its weights. Save it as TensorFlow.js and bring that: it teaches by its answers.`,
    );
  if (written)
    throw new Error(
      `This file holds ${about.network ?? 'a teacher'}, several networks in one body, which cannot be taken apart here. Save it as TensorFlow.js and bring that: it teaches by its answers.`,
    );
  const { outputs, candidates } = chosenAmong(withoutPrefix(state), wanted, chosen, about.network);
  const [first, ...others] = candidates;
  const broken = first.weights.find(({ data }) => !data.every(Number.isFinite));
  if (broken) throw new Error(`“${broken.name}” holds numbers that are not finite: this network is broken.`);
  return {
    ...first,
    outputs,
    others,
    normalisation: ofImages(about.normalisation),
    ...(about.classes ? { classes: about.classes } : {}),
    notes: [...notes, ...sizeNotes(about, wanted)],
  };
}

/** Teachers from files are for images, which have one pair of numbers. */
function ofImages(
  stated: WeightsAbout['normalisation'] | undefined,
): { mean: number; deviation: number } | null {
  if (typeof stated?.mean !== 'number' || typeof stated.deviation !== 'number') return null;
  return { mean: stated.mean, deviation: stated.deviation };
}

type Candidate = Pick<ForeignNetwork, 'network' | 'weights'>;

interface Candidates {
  outputs: number;
  candidates: [Candidate, ...Candidate[]];
}

/** The networks that a state fits, under any names; the usual one first. Null where it fits none. */
function fitting(
  spellings: readonly (readonly NamedArray[])[],
  wanted: Wanted,
  stated: string | undefined,
): Candidates | null {
  const of = (candidates: Candidates['candidates']) => ({ outputs: wanted.classes, candidates });
  const found = new Map<string, readonly NamedArray[]>();
  for (const weights of spellings)
    for (const network of mayHold(weights, wanted, stated))
      if (!found.has(network)) found.set(network, weights);
  const weights = stated === undefined ? undefined : found.get(stated);
  if (stated !== undefined && weights) return of([{ network: stated, weights }]);
  // Pooling behind a small stem is rare.
  const usual = [...found].sort(([a], [b]) => Number(a.endsWith('-pool')) - Number(b.endsWith('-pool')));
  const [first, ...others] = usual.map(([network, own]) => ({ network, weights: own }));
  return first ? of([first, ...others]) : null;
}

/**
 * The same with as many outputs as wanted, else with others.
 * @param exact takes no network of other outputs
 * @throws Error with a sentence when there is none
 */
function recognised(
  state: NamedArray[],
  wanted: Wanted,
  stated: string | undefined,
  exact: boolean,
): Candidates {
  const asIs = recogniseNetwork(state, wanted, stated);
  if (asIs.problem === null && asIs.network === stated)
    return { outputs: wanted.classes, candidates: [{ network: stated, weights: state }] };
  const spellings = spellingsOf(state, [wanted.input[0], wanted.input[1]]);
  const own = fitting(spellings, wanted, stated);
  if (own) return own;
  const others = exact ? [] : [...new Set(spellings.flatMap(possibleOutputs))];
  for (const classes of others) {
    const found = fitting(spellings, { ...wanted, classes }, stated);
    if (found) return found;
  }
  // Under other names it may be a known network for other images.
  const tried = exact ? wanted.classes : (others[0] ?? wanted.classes);
  const found = spellings.map((one) => recogniseNetwork(one, { ...wanted, classes: tried }, stated));
  const likely = found.find(({ network }) => network !== null) ?? asIs;
  throw new Error(likely.problem ?? 'These weights are not those of a network of this page.');
}

function chosenAmong(
  state: NamedArray[],
  wanted: Wanted,
  chosen: Parameters<typeof readForeignNetwork>[2],
  stated: string | undefined,
): Candidates {
  if (!chosen) return recognised(state, wanted, stated, false);
  const { body, scale } = splitName(chosen.network);
  // The page's own files hold the numbers of each colour.
  if (scale === null || state.some(({ name }) => name.startsWith(`${colours}.`)))
    return recognised(state, wanted, chosen.network, true);
  const { outputs, candidates } = recognised(state, wanted, body, true);
  const [first] = candidates;
  return {
    outputs,
    candidates: [first.network === body ? inColours(first, scale, chosen.normalisation) : first],
  };
}

/**
 * The weights with a last layer of other outputs, all zero: a network that has learned other classes shows its features,
 * and says nothing of these.
 * @param wanted outputs of the last layer
 */
export function withoutAnswers(
  { network, weights }: Candidate,
  { input, classes }: Wanted,
): readonly NamedArray[] {
  const plan = planNetwork(network, input, classes);
  if ('problem' in plan) throw new Error(plan.problem);
  const shapes = new Map(plan.description.parameters.map(({ name, shape }) => [name, torchShape(shape)]));
  return weights.map((own) => {
    const shape = shapes.get(own.name);
    if (!shape || shape.join() === own.shape.join()) return own;
    return {
      ...own,
      shape,
      data: new Float32Array(shape.reduce((size, side) => size * side, 1)),
    };
  });
}

/**
 * A network that normalises each colour by itself before it computes.
 * @param given what its images are normalised by already, all colours alike
 */
export function inColours(
  { network, weights }: Candidate,
  scale: ColourScale,
  given: { mean: number; deviation: number },
): Candidate {
  const { means, deviations } = colourScales[scale];
  const each = (part: string, numbers: readonly number[]): NamedArray => ({
    name: `${colours}.${part}`,
    shape: [numbers.length],
    data: Float32Array.from(numbers),
  });
  // The running variance is 1, and the batch norm adds its epsilon to it.
  const factor = given.deviation * Math.sqrt(1 + batchNormEpsilon);
  return {
    network: `${network}+${scale}`,
    weights: [
      each(
        'weight',
        deviations.map((deviation) => factor / deviation),
      ),
      each('bias', [0, 0, 0]),
      each(
        'running_mean',
        means.map((mean) => (mean - given.mean) / given.deviation),
      ),
      each('running_var', [1, 1, 1]),
      ...weights,
    ],
  };
}

function sizeNotes(about: ReturnType<typeof aboutFromMetadata>, { input }: Wanted): string[] {
  const notes: string[] = [];
  if (about.input && about.input.join() !== input.join())
    notes.push(
      `It was trained on images of ${about.input.slice(0, 2).join(' × ')} and now reads ${input.slice(0, 2).join(' × ')}.`,
    );
  return notes;
}

interface State {
  state: NamedArray[];
  metadata: Record<string, string>;
  /** Sentences on what was chosen among the weights of the file. */
  notes?: string[];
}

function readState(files: readonly WeightFile[]): State {
  const usable = files.flatMap(unpacked);
  const named = (ending: string) => usable.filter(({ path }) => path.toLowerCase().endsWith(ending));
  const tensors = named('.safetensors');
  if (tensors.length > 1)
    throw new Error(
      `There are ${tensors.length} safetensors files, and one is wanted: ${tensors.map(({ path }) => nameOf(path)).join(', ')}. Drop the teacher’s alone.`,
    );
  if (tensors[0]) {
    const { bytes } = tensors[0];
    return { state: readSafetensors(bytes), metadata: readSafetensorsMetadata(bytes) };
  }
  const checkpoints = usable.filter(({ bytes }) => isTorchFile(bytes.subarray(0, 4096)));
  if (checkpoints.length > 1)
    throw new Error(
      `There are ${checkpoints.length} checkpoints of PyTorch, and one is wanted: ${checkpoints.map(({ path }) => nameOf(path)).join(', ')}. Drop the teacher’s alone.`,
    );
  if (checkpoints[0]) {
    const { path, bytes } = checkpoints[0];
    return { ...readTorchState(bytes, nameOf(path)), metadata: {} };
  }
  const model = modelIn(usable);
  if (model) return readTfjsWeights(new TextDecoder().decode(model.bytes), filesBeside(model, usable));
  throw new Error(refusal(usable[0]));
}

/** Limit on bytes unpacked from a zip. */
const largest = 2 ** 30;
/** Deflate expands a byte to at most this many. */
const deflateRatio = 1032;

function modelIn(files: readonly WeightFile[]): WeightFile | undefined {
  const descriptions = files.filter(({ path }) => path.toLowerCase().endsWith('.json'));
  const named = descriptions.filter(({ path }) => nameOf(path).toLowerCase() === 'model.json');
  const models =
    named.length > 0
      ? named
      : // `model.save('downloads://teacher')` calls it teacher.json.
        descriptions.filter(({ bytes }) => new TextDecoder().decode(bytes).includes('"weightsManifest"'));
  if (models.length > 1)
    throw new Error(
      `There are ${models.length} models of TensorFlow.js, and one is wanted: ${models
        .slice(0, 3)
        .map(({ path }) => path)
        .join(', ')}${models.length > 3 ? ', …' : ''}. Drop the teacher’s alone.`,
    );
  return models[0];
}

/** Whether a file is a weight shard of a model.json. */
function isShard({ path }: WeightFile): boolean {
  return /(group\d+-shard\d+of\d+(\.bin)?|weights\.bin)$/i.test(path);
}

/** Looks up a file of a model: at its path relative to model.json, otherwise by a name that only one file has. */
function filesBeside(
  model: WeightFile,
  files: readonly WeightFile[],
): (name: string) => Uint8Array | undefined {
  const folder = model.path.slice(0, model.path.lastIndexOf('/') + 1);
  return (name) => {
    const beside = files.find(({ path }) => path === folder + name.replace(/^\.\//, ''));
    if (beside) return beside.bytes;
    const sameName = files.filter(({ path }) => nameOf(path) === nameOf(name));
    if (sameName.length > 1)
      throw new Error(
        `The model needs the file “${nameOf(name)}”, and ${sameName.length} files have that name. Drop the teacher’s alone.`,
      );
    return sameName[0]?.bytes;
  };
}

/** A zip as its files; other files unchanged, and so are checkpoints of PyTorch, which are zips too. */
function unpacked({ path, bytes }: WeightFile): WeightFile[] {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
  if (!isZip || isTorchFile(bytes.subarray(0, 4096))) return [{ path, bytes }];
  const wanted = /(\.safetensors|\.pth?|\.json|\.bin|group\d+-shard\d+of\d+)$/i;
  // Files that macOS adds.
  const junk = /(^|\/)(__MACOSX\/|\._)/;
  let entries: Record<string, Uint8Array>;
  let room = largest;
  let packed = bytes.length;
  try {
    entries = unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (!wanted.test(name) || junk.test(name)) return false;
        // Memory is allocated for the size that a header states, so that size must be plausible for the packed bytes
        // and within the limit. Overlapping entries would together be longer than the zip.
        if (originalSize > Math.min(room, deflateRatio * size + 1024) || size > packed) return false;
        room -= originalSize;
        packed -= size;
        return true;
      },
    });
  } catch {
    throw new Error(`“${nameOf(path)}” is a zip that cannot be read; it may be cut off.`);
  }
  const inside = Object.entries(entries).map(([name, content]) => ({ path: name, bytes: content }));
  return inside.length > 0 ? inside : [{ path, bytes }];
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const fromTorch =
  'Save it in Python with safetensors.torch.save_file(model.state_dict(), "teacher.safetensors") and drop that file.';
const fromKeras =
  'Convert it with TensorFlow’s tensorflowjs_converter and drop the model.json and the .bin files that it writes.';

/** File types that are recognised and not read, with advice. */
const refusals: readonly { pattern: RegExp; what: string; how: string }[] = [
  {
    pattern: /\.(pth|pt|ckpt)$/i,
    what: 'is called like a checkpoint of PyTorch and is none, or it is cut off at its beginning',
    how: fromTorch,
  },
  {
    pattern: /\.(pkl|pickle)$/i,
    what: 'is a Python pickle, which can hold any program and is not opened here',
    how: fromTorch,
  },
  {
    pattern: /\.onnx$/i,
    what: 'is an ONNX model, which is read by itself alone',
    how: 'Choose it outside of an archive, with the files that hold its weights if it has any.',
  },
  { pattern: /\.(h5|hdf5|keras)$/i, what: 'is a Keras model, which cannot be read', how: fromKeras },
  {
    pattern: /\.(npz|npy)$/i,
    what: 'holds plain arrays without the names of a network',
    how: fromTorch,
  },
  { pattern: /\.(pb|tflite)$/i, what: 'is a TensorFlow model, which cannot be read', how: fromKeras },
];

function refusal(file: WeightFile | undefined): string {
  if (!file) return 'There is no file to read.';
  if (isShard(file))
    return `“${nameOf(file.path)}” holds numbers of a TensorFlow.js model without its model.json. Drop both together.`;
  const known = refusals.find(({ pattern }) => pattern.test(file.path));
  const { what, how } = known ?? { what: 'is not a file of weights that can be read', how: fromTorch };
  return `“${nameOf(file.path)}” ${what}. ${how}`;
}
