/** Shapes of golden files: reference numbers made elsewhere, and what our code answers to them. */
import type { Tensor } from '../../src/engine/tf';

export interface GoldenTensor {
  shape: number[];
  dtype: 'float32' | 'int32';
  data: number[];
}

/** A loss or module with its inputs, values and gradients. */
export interface GoldenCase {
  name: string;
  /** Names the function in `units/`. */
  unit: string;
  params: Record<string, unknown>;
  inputs: Record<string, GoldenTensor>;
  weights?: Record<string, GoldenTensor>;
  expected: {
    loss?: number;
    perSample?: number[];
    outputs?: Record<string, GoldenTensor>;
    grads?: Record<string, GoldenTensor>;
    /** Gradients of a second loss, with respect to a converter's weights. */
    converterGrads?: Record<string, GoldenTensor>;
  };
}

/** What a unit computed; the runner disposes its tensors and all others that the unit made. */
export interface UnitResult {
  loss?: number;
  perSample?: number[];
  outputs?: Record<string, Tensor | number[]>;
  grads?: Record<string, Tensor | number[]>;
  converterGrads?: Record<string, Tensor | number[]>;
}

export type Unit = (golden: GoldenCase) => Promise<UnitResult> | UnitResult;

/** A network with its weights (in the safetensors file of the same name) and what it answers to four images. */
export interface NetworkCase {
  network: string;
  classes: number;
  parameters: number;
  inputNHWC: { shape: [number, number, number, number]; data: number[] };
  expected: Record<'eval' | 'train', NetworkExpectation>;
}

export interface NetworkExpectation {
  logits: number[][];
  /** Stem, stages, pooled vector; the same order in the two lists below. */
  stageShapesNHWC: number[][];
  stageMeans: number[];
  stageStds: number[];
}

/** A network whose weights and images are made by a formula (see `formula-networks.ts`). */
export interface FormulaCase {
  network: string;
  classes: number;
  parameters: number;
  /** Colour images of side x side pixels. */
  side: number;
  batch: number;
  expected: {
    eval: FormulaExpectation;
    train?: FormulaExpectation & { loss: number; gradients: Record<string, GradientSummary> };
  };
}

export interface FormulaExpectation extends NetworkExpectation {
  preActivations: { mean: number; deviation: number; first: number[] }[];
}

/** Length of a gradient and its first numbers, in PyTorch's layout. */
export interface GradientSummary {
  norm: number;
  first: number[];
}

/** What a parsed JSON file is, by the fields that only such a file has. */
export function classify(
  json: unknown,
):
  | { kind: 'unit'; case: GoldenCase }
  | { kind: 'network'; case: NetworkCase }
  | { kind: 'formula'; case: FormulaCase }
  | { kind: 'unknown' } {
  if (typeof json !== 'object' || json === null) return { kind: 'unknown' };
  if ('network' in json && 'side' in json && 'expected' in json)
    return { kind: 'formula', case: json as unknown as FormulaCase };
  if ('network' in json && 'inputNHWC' in json && 'expected' in json)
    return { kind: 'network', case: json as unknown as NetworkCase };
  if ('unit' in json && 'inputs' in json && 'expected' in json)
    return { kind: 'unit', case: json as unknown as GoldenCase };
  return { kind: 'unknown' };
}
