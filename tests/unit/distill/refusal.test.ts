/** Which pairs a loss refuses follows from what it declares. */
import { describe, expect, it } from 'vitest';
import { isTeacherFree, outputOnly, type HintAbout, type PairFacts } from '../../../src/distill/about';
import { hintAbouts } from '../../../src/distill/hints/abouts';
import { layoutOf, refusalOf } from '../../../src/distill/hints/refusal';
import { defaultsOf } from '../../../src/distill/knobs';
import { describeNetwork } from '../../../src/nn/describe';

const traceOf = (name: string) => {
  const description = describeNetwork(name, [8, 8, 1], 4);
  if ('problem' in description) throw new Error(description.problem);
  return description.trace;
};
const pairOf = (student: string, teacher: string | null): PairFacts => ({
  input: 'image',
  target: 'class',
  outputs: 4,
  batch: 32,
  student: traceOf(student),
  teacher: teacher === null ? outputOnly : traceOf(teacher),
  names: { student, teacher },
});
const made = (changes: Partial<HintAbout>): HintAbout => ({
  ...(hintAbouts.kd as HintAbout),
  title: 'Made',
  ...changes,
});

describe('a loss is refused', () => {
  it('by the kind of target that it does not declare', () => {
    const pair: PairFacts = { ...pairOf('cnn-2-4', 'cnn-2-4'), target: 'number' };
    expect(refusalOf(made({ targets: ['class'] }), pair, {})).toBe(
      'This set’s targets are numbers; “Made” needs classes. Use “Logit matching” or a feature loss.',
    );
    expect(refusalOf(made({ targets: ['class', 'number'] }), pair, {})).toBeNull();
  });

  it('by a teacher that lacks a feature that it reads', () => {
    const about = made({ reads: ['embedding'] });
    expect(refusalOf(about, pairOf('cnn-2-4', null), {})).toBe(
      '“Made” reads the vector before the classifier of the teacher, and this teacher shows none.',
    );
    expect(refusalOf(about, pairOf('cnn-2-4', 'cnn-2-4'), {})).toBeNull();
    expect(refusalOf(made({ reads: ['output'] }), pairOf('cnn-2-4', null), {})).toBeNull();
  });

  it('by a network whose features lie otherwise', () => {
    const about = made({ reads: ['stages'], layouts: ['map'] });
    expect(refusalOf(about, pairOf('mlp-8', 'cnn-2-4'), {})).toMatch(
      /needs feature maps, and this student has none/,
    );
    expect(refusalOf(about, pairOf('cnn-2-4', 'mlp-8'), {})).toMatch(
      /needs feature maps, and this teacher has none/,
    );
    expect(
      refusalOf(made({ reads: ['stages'], layouts: ['map', 'vector'] }), pairOf('mlp-8', 'mlp-8'), {}),
    ).toBeNull();
  });

  it('by its own rule last', () => {
    const about = made({ reads: ['stages'], layouts: ['map'], refuse: () => 'No.' });
    expect(refusalOf(about, pairOf('cnn-2-4', 'cnn-2-4'), {})).toBe('No.');
  });
});

it('explains itself as the student allows: by class activation maps, or by gradients of a few classes', () => {
  const { introspective } = hintAbouts;
  const refusal = (student: string, changes: Partial<PairFacts> = {}, knobs: object = {}) =>
    refusalOf(
      introspective,
      { ...pairOf(student, null), ...changes },
      { ...defaultsOf(introspective.knobs), ...knobs },
    );
  expect(refusal('cnn-2-4')).toBeNull();
  expect(refusal('mlp-8')).toBeNull();
  expect(refusal('mlp-8', {}, { explanation: 'map' })).toMatch(
    /Set “Explanation” to “As the network allows”/,
  );
  expect(refusal('cnn-2-4', { outputs: 20 })).toBeNull();
  expect(refusal('mlp-8', { outputs: 20 })).toMatch(
    /20 are too many. Take a student with a class activation/,
  );
});

it('tells how a feature lies', () => {
  expect([[8, 8, 4], [1, 1, 16], [5, 16], [16]].map(layoutOf)).toEqual(['map', 'vector', 'tokens', 'vector']);
});

it('knows which losses need no teacher', () => {
  const free = Object.values<HintAbout>(hintAbouts).filter(isTeacherFree);
  expect(free.map(({ id }) => id)).toEqual(['ls', 'tfkd-reg', 'introspective']);
});

it('asks every loss that reads features which layouts it takes', () => {
  for (const about of Object.values<HintAbout>(hintAbouts)) {
    const reads = typeof about.reads === 'function' ? about.reads({ space: 'inside' }) : about.reads;
    const features = reads.filter((read) => !['output', 'more', 'gradients'].includes(read));
    expect(about.layouts !== undefined, about.id).toBe(features.length > 0);
  }
});
