/** A teacher's answers as they leave. What is computed with them: `pytorch-answers.long.test.ts`. */
import { expect, test } from 'vitest';
import { answersFiles, describeAnswers } from '../../../src/export/pytorch/answers';
import { readSafetensors } from '../../../src/nn/safetensors';
import type { LeavingAnswers } from '../../../src/training/export-bundle';

test('each part of the trace is a table by rows, once where parts are the same', () => {
  const maps = Float32Array.from({ length: 3 * 8 }, (_, i) => i);
  const logits = Float32Array.of(1, 2, 3, 4, 5, 6);
  const answers: LeavingAnswers = {
    ...{ train: 2, test: 1, stages: 2, isOfPlainImages: false, members: ['member1'] },
    parts: [
      { part: 'logits', shape: [2], values: logits },
      { part: 'stages/0', shape: [2, 2, 2], values: maps },
      { part: 'stem', shape: [2, 2, 2], values: maps },
      { part: 'more/member1', shape: [2], values: logits.slice() },
    ],
  };
  expect(describeAnswers(answers)).toMatchObject({
    trace: { logits: 'logits', embedding: null, stem: 'stages.0', stages: ['stages.0', null] },
    members: ['more.member1'],
  });
  const [file] = Object.values(answersFiles(answers));
  const tables = Object.fromEntries(readSafetensors(file!).map(({ name, shape }) => [name, shape]));
  expect(tables).toEqual({ logits: [3, 2], 'stages.0': [3, 2, 2, 2], 'more.member1': [3, 2] });
});
