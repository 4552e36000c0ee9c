/** onnxruntime-web as this house uses it: a session that takes one input and gives named outputs as float32. */
import type * as Ort from 'onnxruntime-web';
import { fromHalf, toHalf } from '../../numbers/half-precision';
import { OnnxProblem } from './model-file';

/** Values of one input; the type is the port's. */
export interface Feed {
  name: string;
  type: string;
  values: Float32Array;
  dims: readonly number[];
}

export interface OutputValues {
  dims: readonly number[];
  values: Float32Array;
}

export interface Session {
  /** @throws OnnxProblem with the runtime's own words */
  run(feed: Feed, wanted: readonly string[]): Promise<Record<string, OutputValues>>;
  release(): Promise<void>;
}

/** Weights that lie in a file of their own. */
export interface Beside {
  path: string;
  data: Uint8Array;
}

export type OpenSession = (model: Uint8Array, beside: readonly Beside[]) => Promise<Session>;

type Runtime = Pick<typeof Ort, 'InferenceSession' | 'Tensor'>;

/** Types of inputs that numbers are given in. */
export const fedTypes = ['float32', 'float16', 'float64', 'uint8'];

/** Types of outputs that are read as numbers. */
const readTypes = ['float32', 'float16', 'float64'];
export const isRead = (type: string): boolean => readTypes.includes(type);

/** @returns what opens a model; rejects with an OnnxProblem that names what the runtime cannot do */
export function sessionsOf(ort: Runtime): OpenSession {
  return async (model, beside) => {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: ['wasm'],
      // Errors alone.
      logSeverityLevel: 3,
      ...(beside.length > 0 ? { externalData: beside.map((file) => ({ ...file })) } : {}),
    }).catch((error: unknown) => {
      throw new OnnxProblem(openingProblem(error), { cause: error });
    });
    return {
      async run({ name, type, values, dims }, wanted) {
        const tensor = tensorOf(ort, type, values, dims);
        const found = await session.run({ [name]: tensor }, [...wanted]).catch((error: unknown) => {
          throw new OnnxProblem(`The model stops while it runs: ${said(error)}`, { cause: error });
        });
        return Object.fromEntries(
          wanted.flatMap((output) => {
            const one = found[output];
            const isTensor = one !== undefined && isRead(one.type);
            return isTensor ? [[output, { dims: one.dims, values: floatsOf(one.data) }]] : [];
          }),
        );
      },
      release: () => session.release(),
    };
  };
}

function tensorOf(ort: Runtime, type: string, values: Float32Array, dims: readonly number[]): Ort.Tensor {
  if (type === 'float16') return new ort.Tensor('float16', Uint16Array.from(values, toHalf), dims);
  if (type === 'float64') return new ort.Tensor('float64', Float64Array.from(values), dims);
  if (type === 'uint8') return new ort.Tensor('uint8', Uint8Array.from(values), dims);
  return new ort.Tensor('float32', values, dims);
}

function floatsOf(data: unknown): Float32Array {
  if (data instanceof Float32Array) return data;
  // Half precision, where the browser has no arrays of it.
  if (data instanceof Uint16Array) return Float32Array.from(data, fromHalf);
  return Float32Array.from(data as ArrayLike<number>);
}

function openingProblem(error: unknown): string {
  const text = said(error);
  const unknown =
    /implementation for ([^\s(]+)\(/.exec(text)?.[1] ??
    /([\w.:]+)\(-?\d+\) is not a registered function\/op/.exec(text)?.[1] ??
    /No Op registered for (\S+)/.exec(text)?.[1];
  if (unknown)
    return `This model uses the operation ${unknown}, which onnxruntime-web does not run on WebAssembly. Export it with plain operations, or bring its answers as a file (.npy, .csv). The runtime says: ${text}`;
  if (/opset|IR version/i.test(text))
    return `This model is of a newer ONNX version than onnxruntime-web knows. Export it with a lower opset, such as 17. The runtime says: ${text}`;
  if (/bad_alloc|out of memory|allocat/i.test(text))
    return `There is not enough memory for this model here. The runtime says: ${text}`;
  return `This model cannot be opened; its file may be damaged. The runtime says: ${text}`;
}

/** The runtime's message without its codes and file names, with a full stop. */
function said(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const plain = text
    .replace(/^.*?ERROR_MESSAGE: "?/s, '')
    .replace(/\/\S*\/(\S+\.(cc|h):\d+)/g, '$1')
    .replace(/[\s".]+$/, '')
    .trim();
  return `${plain.length > 300 ? `${plain.slice(0, 300)}…` : plain}.`;
}
