import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { penaltiesOf, unlikeBranches } from '../../../../src/distill/teachers/specialists/branches';
import {
  confusionOrder,
  layouts,
  readSets,
  ringSets,
  setsProblem,
} from '../../../../src/distill/teachers/specialists/split';
import {
  joiningMatrix,
  outputsOf,
  unified,
  type Joining,
} from '../../../../src/distill/teachers/specialists/unified';
import { tf } from '../../../../src/engine/tf';
import { describeJoined } from '../../../../src/nn/describe';
import { Network } from '../../../../src/nn/network';
import { cnn } from '../../../../src/nn/networks/cnn';
import { eluCnn } from '../../../../src/nn/networks/elu-cnn';
import { RandomStream } from '../../../../src/random/streams';
import { useWasm } from '../../../support/wasm-in-node';

beforeAll(useWasm);

describe('who knows what', () => {
  it('covers every class as often as asked for, no class twice in a specialist', () => {
    const cases = fc.record({
      classes: fc.integer({ min: 2, max: 120 }),
      specialists: fc.integer({ min: 2, max: 8 }),
      coverage: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(cases, ({ classes, specialists, coverage }) => {
        const sets = ringSets(classes, specialists, coverage);
        const counts = new Array<number>(classes).fill(0);
        for (const c of sets.flat()) counts[c]!++;
        expect(new Set(counts)).toEqual(new Set([Math.min(coverage, specialists)]));
        for (const set of sets) expect(new Set(set).size).toBe(set.length);
      }),
    );
  });

  it('goes round the ring: the last specialist of five also knows the first classes', () => {
    expect(ringSets(10, 5, 2)).toEqual([
      [0, 1, 2, 3],
      [2, 3, 4, 5],
      [4, 5, 6, 7],
      [6, 7, 8, 9],
      [8, 9, 0, 1],
    ]);
  });

  it('knows the published layouts: all classes, in layout B each twice', () => {
    const names = Array.from({ length: 10 }, (_, c) => String(c));
    expect(setsProblem(layouts.A, names)).toBeNull();
    expect(setsProblem(layouts.B, names)).toBeNull();
    const known = layouts.B.flatMap<number>((set) => [...set]);
    expect(known.sort((a, b) => a - b)).toEqual(names.flatMap((name) => [Number(name), Number(name)]));
  });

  it('puts classes that are confused side by side, whichever way they are confused', () => {
    // 0 is taken for 3; 1 is taken for 3; the rest is never confused.
    const confusion = new Array<number>(16).fill(0);
    confusion[0 * 4 + 3] = 5;
    confusion[1 * 4 + 3] = 2;
    expect(confusionOrder(confusion, 4)).toEqual([0, 3, 1, 2]);
  });

  it('reads groups written by hand, and says what is wrong with them', () => {
    expect(readSets('0-3; 5 , 4;6 - 7')).toEqual({
      sets: [
        [0, 1, 2, 3],
        [5, 4],
        [6, 7],
      ],
    });
    for (const text of ['', '0-3', '0-3;', 'a;b', '3-1;2', '0;1;2;3;4;5;6;7;8'])
      expect(readSets(text)).toHaveProperty('problem');
    expect(setsProblem([[0, 1], [9]], ['cat', 'dog'])).toContain('class 9');
    expect(setsProblem([[0], [2]], ['cat', 'dog', 'cow'])).toContain('class 1 (dog)');
  });
});

describe('the unified network', () => {
  const sets = [
    [0, 1],
    [1, 2],
  ];
  const clean: Joining = { sets, classes: 3, activation: 'linear', other: ['none', 'none'] };
  const faithful: Joining = { sets, classes: 3, activation: 'softmax', other: ['last', 'first'] };
  const branch = (convsPerBlock: 1 | 2) => (outputs: number) =>
    cnn({ family: 'cnn', widths: [4, 6], convsPerBlock, poolLast: false }, outputs);

  it('averages what two specialists say of a class and drops “none of mine”', () => {
    const half = [0, 0.5, 0];
    expect(joiningMatrix(clean)).toEqual([[1, 0, 0], half, half, [0, 0, 1]]);
    expect(joiningMatrix(faithful)).toEqual([[1, 0, 0], half, [0, 0, 0], [0, 0, 0], half, [0, 0, 1]]);
    expect(outputsOf(faithful)).toEqual([3, 3]);
  });

  for (const trunk of [0, 5])
    it(`is described as it computes, with ${trunk} shared filters`, () => {
      const define = unified({ joining: faithful, branches: [branch(2), branch(1)], trunk });
      const description = describeJoined(define, 'specialists', [8, 8, 1]);
      if ('problem' in description) throw new Error(description.problem);
      const before = tf.memory().numTensors;
      const network = Network.joined(define, 'specialists', [8, 8, 1], 3, RandomStream.fork(1, 'test'));
      const counted = [...network.module.trainable.values()].reduce((sum, { size }) => sum + size, 0);
      expect(description.parameters).toBe(counted);
      tf.tidy(() => {
        const trace = network.forward(tf.randomUniform<tf.Rank.R4>([2, 8, 8, 1], 0, 1, 'float32', 7), {
          training: false,
        });
        const shape = ({ shape: [, ...sides] }: tf.Tensor) => sides;
        expect(shape(trace.logits)).toEqual(description.trace.logits);
        expect(shape(trace.embedding)).toEqual([12]);
        expect(shape(trace.stem)).toEqual(description.trace.stem);
        expect(trace.stages.map(shape)).toEqual([
          [8, 8, 8],
          [4, 4, 12],
        ]);
        expect(trace.preActivations.map(shape)).toEqual(description.trace.preActivations);
        expect(Object.values(trace.more!).map(shape)).toEqual([[3], [3]]);
        // Scores of softmaxed branches lie in 0..1.
        for (const score of trace.logits.dataSync()) expect(score).toBeGreaterThanOrEqual(0);
        for (const score of trace.logits.dataSync()) expect(score).toBeLessThanOrEqual(1);
      });
      network.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
});

describe('unlike branches', () => {
  const body = (layout: 'A' | 'B', width: number, side: number) => {
    const branches = unlikeBranches(layout, layouts[layout].length, width, side);
    const sets = layouts[layout];
    const define = unified({
      joining: { sets, classes: 10, activation: 'linear', other: sets.map(() => 'none') },
      branches: branches.map(
        ({ network }) =>
          (outputs: number) =>
            eluCnn(network, outputs),
      ),
      trunk: 0,
    });
    return { branches, define };
  };
  const described = (layout: 'A' | 'B', width: number, side: number) => {
    const description = describeJoined(body(layout, width, side).define, layout, [side, side, 3]);
    if ('problem' in description) throw new Error(description.problem);
    return description;
  };

  it('have the layers of the authors’ code on images of 32 pixels', () => {
    // Convolutions with bias, two numbers per channel and batch norm, dense layers; per branch, by hand.
    const block = (from: number, to: number, norms: number) =>
      9 * from * to + to + 9 * to * to + to + norms * 2 * to;
    const dense = (inputs: number, outputs: number) => inputs * outputs + outputs;
    const a =
      2 * (block(3, 32, 1) + block(32, 64, 1) + dense(64 * 64, 2)) +
      block(3, 32, 1) +
      dense(256 * 32, 3) +
      block(3, 64, 1) +
      dense(256 * 64, 3) +
      block(3, 32, 1) +
      block(32, 32, 1) +
      dense(64 * 32, 2);
    expect(described('A', 32, 32).parameters).toBe(a);
    const b = block(3, 32, 2) + block(32, 64, 2) + block(64, 128, 2) + dense(16 * 128, 4);
    expect(described('B', 32, 32).parameters).toBe(5 * b);
  });

  it.each([5, 8, 9, 16, 28, 32, 64])('fit images of %i pixels', (side) => {
    for (const layout of ['A', 'B'] as const) {
      const { trace } = described(layout, 4, side);
      expect(trace.logits).toEqual([10]);
      expect(trace.stages[0]!.slice(0, 2)).toEqual([side, side]);
    }
  });

  it('differ in activation, dropout and penalty; those of unlike depth in width too', () => {
    const b = unlikeBranches('B', 7, 8, 28);
    expect(b.map(({ network }) => network.activation)).toEqual([
      'elu',
      'relu',
      'elu',
      'elu',
      'elu',
      'elu',
      'relu',
    ]);
    expect(b[2]!.network.blocks.map(({ dropout }) => dropout)).toEqual([0, 0, 0]);
    expect(b[0]!.network.blocks.map(({ filters, dropout }) => [filters, dropout])).toEqual([
      [8, 0.2],
      [16, 0.3],
      [32, 0.4],
    ]);
    expect(b.map(({ penalty }) => penalty)).toEqual([1e-4, 1e-7, 1e-7, 1e-4, 1e-7, 1e-4, 1e-7]);
    const a = unlikeBranches('A', 5, 8, 8);
    expect(a.map(({ network }) => network.blocks.map(({ filters }) => filters))).toEqual([
      [8, 16],
      [8],
      [16],
      [8, 16],
      [8, 8],
    ]);
  });

  it('have a penalty on the kernels of convolutions only', () => {
    const { branches, define } = body('A', 2, 8);
    const network = Network.joined(define, 'a', [8, 8, 3], 10, RandomStream.fork(1, 'x'));
    const penalties = penaltiesOf(branches, network.module.specs);
    const convolutions = network.module.specs.filter(({ shape }) => shape.length === 4);
    expect([...penalties.keys()]).toEqual(convolutions.map(({ name }) => name));
    expect(new Set(penalties.values())).toEqual(new Set([1e-4]));
    network.dispose();
  });
});
