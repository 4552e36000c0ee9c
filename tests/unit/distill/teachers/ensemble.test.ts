import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { memberNetworks } from '../../../../src/distill/teachers/ensemble/about';
import { averageAnswers } from '../../../../src/distill/teachers/ensemble/average';
import { classification } from '../../../../src/distill/tasks/classification';
import { multilabel } from '../../../../src/distill/tasks/multilabel';
import { regression } from '../../../../src/distill/tasks/regression';
import { tf } from '../../../../src/engine/tf';

const task = classification(2);

beforeAll(() => tf.setBackend('cpu'));

it('averages logits, or gives every member one vote', async () => {
  const members = [tf.tensor2d([[2, 0]]), tf.tensor2d([[0, 4]])];
  const logits = averageAnswers(members, 'logits', task);
  expect(Array.from(await logits.data())).toEqual([1, 2]);
  const votes = averageAnswers(members, 'probabilities', task);
  const [first] = await tf.softmax(votes as tf.Tensor2D).data();
  const expected = (Math.exp(2) / (Math.exp(2) + 1) + 1 / (1 + Math.exp(4))) / 2;
  expect(first).toBeCloseTo(expected, 5);
  tf.dispose([...members, logits, votes]);
});

it('averages numbers, and votes of several labels one by one', async () => {
  const members = [tf.tensor2d([[2, 0]]), tf.tensor2d([[0, 4]])];
  const numbers = averageAnswers(members, 'probabilities', regression({ mean: [0, 0], deviation: [1, 1] }));
  expect(Array.from(await numbers.data())).toEqual([1, 2]);
  const votes = averageAnswers(members, 'probabilities', multilabel(2));
  const [first] = await tf.sigmoid(votes).data();
  expect(first).toBeCloseTo((1 / (1 + Math.exp(-2)) + 0.5) / 2, 5);
  tf.dispose([...members, numbers, votes]);
});

it('stays finite for a class that no member believes in', async () => {
  const members = [tf.tensor2d([[0, -1e4]]), tf.tensor2d([[0, -1e4]])];
  const votes = averageAnswers(members, 'probabilities', task);
  expect([...(await votes.data())].every(Number.isFinite)).toBe(true);
  tf.dispose([...members, votes]);
});

it('gives further members the other networks in turn', () => {
  expect(memberNetworks('a', '', 3)).toEqual(['a', 'a', 'a']);
  expect(memberNetworks('a', 'b, c', 4)).toEqual(['a', 'b', 'c', 'a']);
});
