/**
 * Converts between our weight layouts and PyTorch's. Kernels of rank 4 are [k,k,in,out] here and [out,in,k,k] in
 * PyTorch (transposed convolutions [k,k,out,in] and [in,out,k,k]: the same permutation); dense kernels are [in,out]
 * and [out,in].
 */

/** A named array in PyTorch's layout, as in a safetensors file. */
export interface NamedArray {
  name: string;
  shape: readonly number[];
  data: Float32Array;
}

/** What an optimiser remembers of what it moves, by PyTorch's names and in its layouts. */
export interface NamedSlots {
  /** Updates that it has made. */
  steps: number;
  /** One array per parameter, by the kind of state ("velocity"; "first", "second"; "task", "distillation"). */
  slots: Record<string, NamedArray[]>;
}

/** The same arrays as parts of something: "weight" is "conv.weight". @param prefix '' for the names as they are */
export function prefixedNames(arrays: readonly NamedArray[], prefix: string): NamedArray[] {
  return prefix === '' ? [...arrays] : arrays.map((entry) => ({ ...entry, name: `${prefix}.${entry.name}` }));
}

/** PyTorch's shape of a parameter that has `shape` here. */
export function torchShape(shape: readonly number[]): number[] {
  if (shape.length === 4) return [shape[3]!, shape[2]!, shape[0]!, shape[1]!];
  return [...shape].reverse();
}

export function toTorchLayout(values: Float32Array, shape: readonly number[]): Float32Array {
  const moved = new Float32Array(values.length);
  eachPair(shape, (ours, theirs) => (moved[theirs] = values[ours]!));
  return moved;
}

export function fromTorchLayout(values: Float32Array, shape: readonly number[]): Float32Array {
  const moved = new Float32Array(values.length);
  eachPair(shape, (ours, theirs) => (moved[ours] = values[theirs]!));
  return moved;
}

/** Calls `move` with the position of every number in both layouts. */
function eachPair(shape: readonly number[], move: (ours: number, theirs: number) => void): void {
  // Here a layer is (spatial positions) x (rows) x (columns), in PyTorch (columns) x (rows) x (positions).
  const columns = shape.length >= 2 ? shape.at(-1)! : 1;
  const rows = shape.length >= 2 ? shape.at(-2)! : 1;
  const size = shape.reduce((product, side) => product * side, 1);
  const positions = size / (rows * columns);
  let ours = 0;
  for (let position = 0; position < positions; position++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        move(ours++, (column * rows + row) * positions + position);
}
