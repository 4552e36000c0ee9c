/** Asks an ONNX model of the page's own about instances, some at a time. */
import type { OpenSession, OutputValues, Session } from '../training/onnx/runtime';

const batch = 64;

export interface Question {
  /** Name of the model's input. */
  input: string;
  /** [h,w,c], or [d] */
  shape: readonly number[];
  /** [N,...shape] */
  values: Float32Array;
  /** Names of its outputs. */
  wanted: readonly string[];
}

/** @param pause called before each batch with the share that is done */
export async function* asked(
  model: Uint8Array,
  { input, shape, values, wanted }: Question,
  open: OpenSession,
  pause: (share: number) => Promise<void>,
): AsyncGenerator<Record<string, OutputValues>> {
  const session: Session = await open(model, []);
  try {
    const size = sizeOf(shape);
    for (let from = 0; from < values.length; from += batch * size) {
      await pause(from / values.length);
      const some = values.subarray(from, from + batch * size);
      const count = some.length / size;
      const given = shape.length === 3 ? channelsFirst(some, shape) : Float32Array.from(some);
      const dims = shape.length === 3 ? [count, shape[2]!, shape[0]!, shape[1]!] : [count, size];
      yield await session.run({ name: input, type: 'float32', values: given, dims }, wanted);
    }
  } finally {
    await session.release();
  }
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

/** [N,H,W,C] to [N,C,H,W] */
function channelsFirst(values: Float32Array, shape: readonly number[]): Float32Array {
  const [channels, pixels] = [shape[2]!, shape[0]! * shape[1]!];
  const moved = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += pixels * channels)
    for (let p = 0; p < pixels; p++)
      for (let c = 0; c < channels; c++) moved[start + c * pixels + p] = values[start + p * channels + c]!;
  return moved;
}
