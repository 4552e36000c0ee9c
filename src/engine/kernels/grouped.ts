/**
 * 1x1 convolution in groups of neighbouring channels: x [P,C], kernel [C/groups,U] -> [P,U], where P counts all
 * positions of all images. Each output group depends on its own input group only.
 */
import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import { partialSumsFor } from './partial-sums';
import { dot, flat, lines, part, vec, widthOf } from './wgsl';

export interface GroupedShape {
  places: number;
  groups: number;
  /** Per group. */
  inputs: number;
  units: number;
}

/** Neighbouring positions that a thread computes with the same weights. */
const placesEach = 4;

/** Widths of vectors on either side, and vectors per group and per position. */
function vectors({ groups, inputs, units }: GroupedShape) {
  const [a, b] = [widthOf(inputs), widthOf(units)];
  const [each, made] = [inputs / a, units / b];
  return { a, b, each, made, allInputs: each * groups, allUnits: made * groups };
}

/** x, kernel -> y */
export function groupedForward(shape: GroupedShape, steps: readonly Step[]): RawKernel {
  const { places, groups, units } = shape;
  const { a, b, each, made, allInputs, allUnits } = vectors(shape);
  const perThread = Math.min(placesEach, places);
  const products = lines(a, (c) =>
    [
      `{ let w = kernel[(n * ${a} + ${c}) * ${allUnits} + unit];`,
      lines(perThread, (p) => `y${p} += ${part(`x${p}`, c, a)} * w;`),
      '}',
    ].join('\n'),
  );
  return flat({
    name: ['grouped forward', ...steps].join(', '),
    read: [`x: ${vec(a)}`, `kernel: ${vec(b)}`],
    write: [`y: ${vec(b)}`],
    threads: Math.ceil(places / perThread) * allUnits,
    body: `
      let unit = i % ${allUnits};
      let place = i / ${allUnits} * ${perThread};
      let base = place * ${allInputs} + unit / ${made} * ${each};
      ${lines(perThread, (p) => `var y${p} = ${vec(b)}();`)}
      for (var n = 0; n < ${each}; n++) {
        ${lines(perThread, (p) => `let x${p} = x[base + n + ${p * allInputs}];`)}
        ${products}
      }
      let to = place * ${allUnits} + unit;
      ${storePlaces('y', perThread, places, allUnits)}`,
    finish: { steps, channels: units * groups },
  });
}

/** dy, kernel -> dx */
export function groupedInputGradient(shape: GroupedShape, steps: readonly Step[]): RawKernel {
  const { places, groups, inputs } = shape;
  const { a, b, each, made, allInputs, allUnits } = vectors(shape);
  const perThread = Math.min(placesEach, places);
  const products = lines(a, (c) =>
    [
      `{ let w = kernel[(input % ${each} * ${a} + ${c}) * ${allUnits} + first + n];`,
      lines(perThread, (p) => `${part(`x${p}`, c, a)} += ${dot(`d${p}`, 'w', b)};`),
      '}',
    ].join('\n'),
  );
  return flat({
    name: ['grouped input gradient', ...steps].join(', '),
    read: [`dy: ${vec(b)}`, `kernel: ${vec(b)}`],
    write: [`x: ${vec(a)}`],
    threads: Math.ceil(places / perThread) * allInputs,
    body: `
      let input = i % ${allInputs};
      let place = i / ${allInputs} * ${perThread};
      let first = input / ${each} * ${made};
      let base = place * ${allUnits} + first;
      ${lines(perThread, (p) => `var x${p} = ${vec(a)}();`)}
      for (var n = 0; n < ${made}; n++) {
        ${lines(perThread, (p) => `let d${p} = dy[base + n + ${p * allUnits}];`)}
        ${products}
      }
      let to = place * ${allInputs} + input;
      ${storePlaces('x', perThread, places, allInputs)}`,
    finish: { steps, channels: inputs * groups },
  });
}

/** Number of partial sums over the positions for the kernel's gradient. */
export function groupedPartials(shape: GroupedShape): number {
  const { each, allUnits } = vectors(shape);
  return partialSumsFor(each * allUnits, shape.places);
}

/** x, dy -> partial sums [partials,C/groups,U]. */
export function groupedKernelGradient(shape: GroupedShape, partials: number): RawKernel {
  const { places } = shape;
  const { a, b, each, made, allInputs, allUnits } = vectors(shape);
  const results = each * allUnits;
  const placesOfChunk = Math.ceil(places / partials);
  return flat({
    name: 'grouped kernel gradient',
    read: [`x: ${vec(a)}`, `dy: ${vec(b)}`],
    write: [`kernel: ${vec(b)}`],
    threads: partials * results,
    body: `
      let unit = i % ${allUnits};
      let input = (i / ${allUnits}) % ${each};
      let chunk = i / ${results};
      let column = unit / ${made} * ${each} + input;
      ${lines(a, (c) => `var w${c} = ${vec(b)}();`)}
      for (var p = chunk * ${placesOfChunk}; p < min((chunk + 1) * ${placesOfChunk}, ${places}); p++) {
        let v = x[p * ${allInputs} + column];
        let d = dy[p * ${allUnits} + unit];
        ${lines(a, (c) => `w${c} += ${part('v', c, a)} * d;`)}
      }
      let to = (chunk * ${each} + input) * ${a * allUnits} + unit;
      ${lines(a, (c) => `kernel[to + ${c * allUnits}] = w${c};`)}`,
  });
}

/** Writes a thread's positions; the last thread may have fewer. */
function storePlaces(buffer: string, perThread: number, places: number, step: number): string {
  return lines(perThread, (p) => {
    const store = `${buffer}[to + ${p * step}] = finish(to + ${p * step}, ${buffer}${p});`;
    return places % perThread === 0 ? store : `if (place + ${p} < ${places}) { ${store} }`;
  });
}
