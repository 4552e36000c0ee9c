/** What a loss declares to read of the teacher is what it reads. */
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  isOutputOnly,
  outputOnly,
  readsOf,
  type HintAbout,
  type PairFacts,
} from '../../../src/distill/about';
import { hintAbouts, hintIds, type HintId } from '../../../src/distill/hints/abouts';
import type { HintContext, TracePart } from '../../../src/distill/hints/hint';
import { createHint } from '../../../src/distill/hints/registry';
import { defaultsOf, type KnobValues, type Knobs } from '../../../src/distill/knobs';
import { tf, type Tensor, type Tensor4D } from '../../../src/engine/tf';
import { describeNetwork } from '../../../src/nn/describe';
import { Network, type Trace } from '../../../src/nn/network';
import { RandomStream } from '../../../src/random/streams';
import { logitsOnlyTrace } from '../../../src/training/teacher-view';
import { ownOf } from '../../../src/training/student-pass';

const [batch, classes] = [6, 4];
const input: [number, number, number] = [8, 8, 1];

beforeAll(() => tf.setBackend('cpu'));
const owned: { dispose(): void }[] = [];
afterEach(() => owned.splice(0).forEach((one) => one.dispose()));

const network = (name: string, seed: number) => {
  const made = Network.create(name, input, classes, RandomStream.fork(seed, name));
  owned.push(made);
  return made;
};
const shapes = (name: string) => {
  const description = describeNetwork(name, input, classes);
  if ('problem' in description) throw new Error(description.problem);
  return description.trace;
};

/** Mean loss of a hint, given all of a teacher's trace, only the parts that it says it reads (zeros else), or its logits alone. */
function lossOf(id: HintId, knobs: KnobValues, shown: 'all' | 'parts' | 'logits'): number {
  const [student, teacher] = [network('cnn-2-4', 1), network('cnn-2-4', 2)];
  const pair: PairFacts = {
    input: 'image',
    target: 'class',
    outputs: classes,
    batch,
    student: shapes('cnn-2-4'),
    teacher: shown === 'logits' ? outputOnly : shapes('cnn-2-4'),
    names: { student: 'cnn-2-4', teacher: shown === 'logits' ? null : 'cnn-2-4' },
  };
  const hint = createHint(id, {
    pair,
    knobs,
    random: RandomStream.fork(3, id),
    scope: `reads/${id}/${shown}`,
    batch,
    range: { low: [-2], high: [2] },
    poolLabels: Int32Array.from({ length: 40 }, (_, i) => i % classes),
    teacher: shown === 'logits' ? null : teacher,
    newStudent: (random) => Network.create('cnn-2-4', input, classes, random),
  });
  owned.push(hint);
  return tf.tidy(() => {
    const values = Float32Array.from({ length: batch * 64 }, (_, i) => Math.sin(i * i));
    const images = tf.tensor(values, [batch, ...input]) as Tensor4D;
    const labels = tf.tensor1d([0, 1, 2, 3, 0, 1], 'int32');
    const rows = Int32Array.from({ length: batch }, (_, i) => i);
    const trace = (of: Network) => of.forward(images, { training: false });
    const full = trace(teacher);
    const limited =
      shown === 'all' ? full : shown === 'parts' ? onlyParts(full, hint.parts) : logitsOnlyTrace(full.logits);
    const context: HintContext = {
      knobs,
      inputs: images,
      teacherInputs: images,
      own: ownOf(student, undefined),
      targets: tf.cast(tf.oneHot(labels, classes), 'float32') as tf.Tensor2D,
      rows: tf.tensor1d(rows, 'int32'),
      progress: tf.scalar(0.5),
      training: true,
      ...(shown === 'logits'
        ? {}
        : {
            ask: {
              student: (asked) => student.forward(asked, { training: false }),
              teacher: (asked) => teacher.forward(asked, { training: false }).logits,
              shown: (logits) => logits,
            },
          }),
      strong: { student: trace(student), teacher: limited },
    };
    hint.prepare?.({ rows, step: 1, rate: 1, random: RandomStream.fork(4, id) });
    return tf.mean(hint.losses(trace(student), limited, context)).dataSync()[0]!;
  });
}

/** The trace with zeros in place of all but some parts. */
function onlyParts(trace: Trace, parts: readonly TracePart[]): Trace {
  const kept = (part: TracePart, of: Tensor) => (parts.includes(part) ? of : tf.zerosLike(of));
  const stages = (name: 'stages' | 'preActivations') => trace[name].map((of, k) => kept(`${name}/${k}`, of));
  return {
    ...trace,
    logits: kept('logits', trace.logits),
    embedding: kept('embedding', trace.embedding),
    stem: kept('stem', trace.stem),
    stages: stages('stages'),
    preActivations: stages('preActivations'),
  };
}

/** MGD's codes and FFSD's fused maps come from teachers of their own kinds, which no network shows. */
const ownTeacher: readonly HintId[] = ['codes', 'ffsd'];

const choices: [string, HintId, KnobValues][] = hintIds.flatMap((id) => {
  const about: HintAbout = hintAbouts[id];
  const first: KnobValues = defaultsOf(about.knobs as Knobs);
  // Beside the labels: a loss of the initialisation stage alone is zero afterwards.
  const knobs = 'stages' in first ? { ...first, stages: 'joint' } : first;
  if (typeof about.reads !== 'function') return [[id, id, knobs]];
  const logits = { ...knobs, space: 'logits' };
  const all: [string, HintId, KnobValues][] = [
    [`${id} inside`, id, { ...knobs, space: 'inside' }],
    [`${id} in logits`, id, logits],
  ];
  if ('form' in knobs) all.push([`${id} in logits, embedded`, id, { ...logits, form: 'embedded' }]);
  return all;
});

describe('a loss', () => {
  it.each(choices.filter(([, id]) => !ownTeacher.includes(id)))(
    '%s: reads no part that it does not declare',
    (_, id, knobs) => {
      expect(lossOf(id, knobs, 'parts')).toBe(lossOf(id, knobs, 'all'));
    },
  );
});

describe('a loss that declares to read logits alone', () => {
  const reading = choices.filter(
    ([, id, knobs]) => isOutputOnly(readsOf(hintAbouts[id], knobs)) && !ownTeacher.includes(id),
  );

  it('is also a relation of images, where it is set so', () => {
    const relations = reading.filter(([, id]) => hintAbouts[id].kind === 'relations').map(([, id]) => id);
    expect([...new Set(relations)].sort()).toEqual(['cc', 'pkt', 'rkd', 'sp']);
  });

  it.each(reading)('%s: needs no more of the teacher', (_, id, knobs) => {
    const loss = lossOf(id, knobs, 'all');
    expect(Number.isFinite(loss)).toBe(true);
    expect(lossOf(id, knobs, 'logits')).toBe(loss);
  });
});

describe('a loss that declares to read what lies inside', () => {
  const inside = choices.filter(
    ([, id, knobs]) => !isOutputOnly(readsOf(hintAbouts[id], knobs)) && !ownTeacher.includes(id),
  );

  it.each(inside)('%s: differs or fails without it', (_, id, knobs) => {
    const loss = lossOf(id, knobs, 'all');
    expect(Number.isFinite(loss)).toBe(true);
    let limited: number | null = null;
    try {
      limited = lossOf(id, knobs, 'logits');
    } catch {
      // It asks for a part that is not there.
    }
    expect(limited).not.toBe(loss);
  });
});
