/** The weights of a checkpoint of PyTorch, among whatever a training saves beside them. */
import {
  NumpyArray,
  PythonDict,
  readTorchFile,
  TorchProblem,
  TorchTensor,
  type NumberArray,
  type PickleValue,
} from '../torch-file/torch-file';
import type { NamedArray } from './layouts';

interface TorchState {
  state: NamedArray[];
  /** Sentences on what was chosen. */
  notes: string[];
}

/** Keys under which code bases save weights, in the order in which they are taken. */
const wrappers = [
  'state_dict_ema',
  'model_ema',
  'ema_state_dict',
  'ema',
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'weights',
  'params',
  'teacher',
  'module',
];
const averaged = /(^|_)ema(_|$)/;

/** Wrappers in wrappers; no code base has more than two. */
const deepest = 4;

/** As in safetensors: step counters of batch norms. */
const skipped = /(^|\.)num_batches_tracked$/;

/**
 * The weights of a file of `torch.save`, as float32.
 * @throws Error with a sentence when it holds none, or more than tensors in plain containers
 */
export function readTorchState(bytes: Uint8Array, name: string): TorchState {
  try {
    const { value, numbers } = readTorchFile(bytes);
    const { dict, path } = stateIn(value);
    const entries = [...dict].filter(
      (entry): entry is [string, TorchTensor] => isParameter(entry) && !skipped.test(entry[0]),
    );
    const read = numbers(entries.map(([, tensor]) => tensor));
    const state = entries.map(([key, { shape }], i) => ({
      name: key,
      shape,
      data: float32Of(read[i]!),
    }));
    const taken = path.find((key) => averaged.test(key));
    return {
      state,
      notes: taken
        ? [`The file holds the running average of the weights (“${taken}”), and that is taken.`]
        : [],
    };
  } catch (error) {
    if (!(error instanceof TorchProblem)) throw error;
    const how = error.kind === 'object' ? ` ${conversion(name)}` : ' Download or save it again.';
    throw new Error(`“${name}” ${error.message}.${how}`, { cause: error });
  }
}

function isParameter(entry: [PickleValue, PickleValue]): entry is [string, TorchTensor] {
  const [key, value] = entry;
  return typeof key === 'string' && value instanceof TorchTensor && value.storage.kind !== 'i8';
}

interface Found {
  dict: PythonDict;
  /** The keys that lead to it. */
  path: string[];
}

/** @throws TorchProblem when there is no dictionary of tensors */
function stateIn(value: PickleValue): Found {
  const found = findState(value, []);
  if (found) return found;
  throw new TorchProblem(`holds ${describe(value)} and no dictionary of a network’s weights`, 'object');
}

function findState(value: PickleValue, path: string[]): Found | null {
  if (!(value instanceof PythonDict) || path.length > deepest) return null;
  for (const key of wrappers) {
    const found = findState(value.get(key) ?? null, [...path, key]);
    if (found) return found;
  }
  // Tensors beside a wrapper, such as the best accuracy, are no weights.
  if ([...value].some(isParameter)) return { dict: value, path };
  const key = onlyDict(value);
  return key === undefined ? null : { dict: value.get(key) as PythonDict, path: [...path, key] };
}

/** The key of the one dictionary of tensors among the values, if there is one. */
function onlyDict(dict: PythonDict): string | undefined {
  const keys = [...dict].filter(([, value]) => value instanceof PythonDict && [...value].some(isParameter));
  return keys.length === 1 && typeof keys[0]![0] === 'string' ? keys[0]![0] : undefined;
}

function describe(value: PickleValue): string {
  if (value instanceof TorchTensor || value instanceof NumpyArray)
    return `one array of ${value.shape.join(' × ')}`;
  if (Array.isArray(value)) return `a list of ${value.length} parts`;
  if (value instanceof PythonDict) return `a dictionary of ${value.size} parts`;
  return 'a single value';
}

/** Two lines of Python that write the weights alone. */
function conversion(name: string): string {
  return `In Python: model = torch.load("${name}", weights_only=False); safetensors.torch.save_file(model.state_dict(), "teacher.safetensors") writes the weights alone; drop that file.`;
}

/** Weights are large: those that are float32 already are not copied. */
function float32Of(numbers: NumberArray): Float32Array {
  return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
}
