import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { memberNetworks } from '../../../../src/distill/teachers/ensemble/about';
import { averageAnswers } from '../../../../src/distill/teachers/ensemble/average';
import { tf } from '../../../../src/engine/tf';

beforeAll(() => tf.setBackend('cpu'));

it('averages logits, or gives every member one vote', async () => {
  const members = [tf.tensor2d([[2, 0]]), tf.tensor2d([[0, 4]])];
  const logits = averageAnswers(members, 'logits');
  expect(Array.from(await logits.data())).toEqual([1, 2]);
  const votes = averageAnswers(members, 'probabilities');
  const [first] = await tf.softmax(votes as tf.Tensor2D).data();
  const expected = (Math.exp(2) / (Math.exp(2) + 1) + 1 / (1 + Math.exp(4))) / 2;
  expect(first).toBeCloseTo(expected, 5);
  tf.dispose([...members, logits, votes]);
});

it('stays finite for a class that no member believes in', async () => {
  const members = [tf.tensor2d([[0, -1e4]]), tf.tensor2d([[0, -1e4]])];
  const votes = averageAnswers(members, 'probabilities');
  expect([...(await votes.data())].every(Number.isFinite)).toBe(true);
  tf.dispose([...members, votes]);
});

it('gives further members the other networks in turn', () => {
  expect(memberNetworks('a', '', 3)).toEqual(['a', 'a', 'a']);
  expect(memberNetworks('a', 'b, c', 4)).toEqual(['a', 'b', 'c', 'a']);
});
