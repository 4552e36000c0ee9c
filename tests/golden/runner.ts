/** Runs golden cases on whatever backend is active. No Node API: the same code serves tests in browsers. */
import { tf } from '../../src/engine/tf';
import { readSafetensors } from '../../src/nn/safetensors';
import { classify, type GoldenCase, type GoldenTensor, type Unit, type UnitResult } from './case';
import { difference, normDifference, tolerances, type Tolerance } from './compare';
import { runFormulaCase } from './formula-networks';
import { runNetworkCase } from './networks';

/** What is wrong, a sentence each; none when the case passes. */
export type Failures = string[];

/**
 * Runs one golden file.
 * @param json the parsed file
 * @param weights reads the safetensors file beside it (for network cases)
 */
export async function runGolden(
  json: unknown,
  units: Readonly<Record<string, Unit>>,
  weights: () => Promise<Uint8Array>,
): Promise<Failures> {
  const file = classify(json);
  try {
    switch (file.kind) {
      case 'unit':
        return await runUnitCase(file.case, units);
      case 'network':
        return await runNetworkCase(file.case, readSafetensors(await weights()));
      case 'formula':
        return await runFormulaCase(file.case);
      case 'unknown':
        return [
          'this is not a golden case: it has neither "unit" nor "network" with "inputs" and "expected"',
        ];
    }
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

async function runUnitCase(golden: GoldenCase, units: Readonly<Record<string, Unit>>): Promise<Failures> {
  const unit = Object.hasOwn(units, golden.unit) ? units[golden.unit] : undefined;
  if (!unit) return [`no unit is called "${golden.unit}"`];
  // Units await in between, which `tf.tidy` does not allow; cases run one after the other, so the scope is theirs.
  // Variables and kept tensors are not part of a scope: those a unit must dispose itself.
  tf.engine().startScope(golden.name);
  try {
    return await compareResult(golden, await unit(golden));
  } finally {
    tf.engine().endScope();
  }
}

async function compareResult(golden: GoldenCase, result: UnitResult): Promise<Failures> {
  const { loss, perSample, outputs, grads, converterGrads, ...others } = golden.expected;
  const failures: (string | null)[] = Object.keys(others).map(
    (name) => `expected.${name}: the runner does not know how to check this`,
  );
  if (loss !== undefined)
    failures.push(
      difference('loss', result.loss === undefined ? undefined : [result.loss], [loss], tolerances.loss),
    );
  if (perSample) failures.push(difference('perSample', result.perSample, perSample, tolerances.output));
  failures.push(
    ...(await compareAll('outputs', outputs, result.outputs, tolerances.output, normRules[golden.unit])),
    ...(await compareAll('grads', grads, result.grads, tolerances.gradient)),
    ...(await compareAll('converterGrads', converterGrads, result.converterGrads, tolerances.gradient)),
  );
  return failures.filter((failure) => failure !== null);
}

/** Outputs that are estimates (central differences) are held to a relative norm instead. */
const normRules: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'hkd-bilevel-step': { hypergrad: 1e-2, fdHypergrad: 1e-2 },
};

async function compareAll(
  group: string,
  expected: Record<string, GoldenTensor> | undefined,
  actual: Record<string, tf.Tensor | number[]> | undefined,
  tolerance: Tolerance,
  norms: Readonly<Record<string, number>> = {},
): Promise<(string | null)[]> {
  const failures: (string | null)[] = [];
  for (const [name, { data }] of Object.entries(expected ?? {})) {
    const value = actual && Object.hasOwn(actual, name) ? actual[name] : undefined;
    const numbers = value && !Array.isArray(value) ? await value.data<'float32'>() : value;
    const what = `${group}.${name}`;
    const norm = norms[name];
    failures.push(
      norm === undefined
        ? difference(what, numbers, data, tolerance)
        : normDifference(what, numbers, data, norm),
    );
  }
  return failures;
}
