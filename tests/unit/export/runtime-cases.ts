/** Tests that every other runtime of exported models must pass. */
import { expect, test } from 'vitest';
import type { ModelOptions } from '../../../src/export/model-source';
import { writeNetwork } from '../../../src/nn/graph/emit';
import { isLong } from '../../support/long';
import { oneOfEach } from '../../support/one-of-each';
import {
  inRoundedForm,
  logitsHere,
  networks,
  normalised,
  parametersOf,
  randomPixels,
  randomSource,
  worst,
  type ImageModel,
} from './models';

/** Logits [8*classes] of a batch [8,h,w,c], computed by another runtime from the exported model. */
type Runtime = (source: ImageModel, options: ModelOptions, batch: Float32Array) => Promise<ArrayLike<number>>;

/**
 * What is written differently for a network: each op with the numbers that a runtime is told, and what it comes after,
 * which decides about folding. Channels are only numbers to all of them.
 */
function traitsOf(network: string): string[] {
  const { nodes } = writeNetwork(network, [8, 8, 3], 10);
  const kinds = new Map(nodes.map(({ name, kind }) => [name, kind]));
  return nodes.flatMap((node) => {
    const after = node.inputs.map((name) => kinds.get(name) ?? 'input').join(' and ');
    const told = [`${node.kind} after ${after}`];
    if (node.kind === 'conv') {
      const { size, stride, padding, groups, bias, shape } = node;
      const kind = groups === 1 ? 'plain' : groups === shape.at(-1) ? 'depthwise' : 'grouped';
      told.push(`${kind} conv ${size}/${stride}+${padding}${bias === null ? '' : ' with bias'}`);
    }
    if (node.kind === 'maxPool') told.push(`max pool ${node.size}/${node.stride}+${node.padding ?? 0}`);
    if (node.kind === 'averagePool') told.push(`average pool ${node.size}/${node.stride}+${node.padding}`);
    return told;
  });
}

// Small ones first, so that large ones are tried for what only they have.
const bySize = networks.toSorted((a, b) => parametersOf(a) - parametersOf(b));
const { few, others } = oneOfEach(bySize, traitsOf);
const compared = isLong ? [...few, ...others] : few;

/** Tests that the runtime agrees with this page: every network, folded and not, on normalised images and on pixels. */
export function testRuntime(name: string, logitsThere: Runtime): void {
  test.each(compared)(`%s gives the same logits in ${name} as here`, async (network) => {
    const source = randomSource(network, [8, 8, 3]);
    const batch = normalised(randomPixels(source), source);
    const here = await logitsHere(source, batch);
    expect(Math.max(...here) - Math.min(...here)).toBeGreaterThan(0.1);
    for (const foldBatchNorm of [false, true]) {
      const there = await logitsThere(source, { foldBatchNorm, feed: 'normalised' }, batch);
      expect(worst(there, here)).toBeLessThan(1e-4);
    }
  });

  test.each([
    ['cnn-4-6-8', { weights: 2, activations: 4, rule: 'scaled', exempt: true }],
    ['resnet8', { weights: 8, activations: 32, rule: 'dorefa', exempt: false }],
    ['cnn2-4-8', { weights: 4, activations: 32, rule: 'wrpn', exempt: true }],
    ['mlp-16', { weights: 32, activations: 8, rule: 'wrpn', exempt: false }],
  ] as const)('%s in low precision gives the same logits as here', async (network, precision) => {
    const source = inRoundedForm(randomSource(network, [8, 8, 3]), precision);
    const batch = normalised(randomPixels(source), source);
    const here = await logitsHere(source, batch);
    expect(Math.max(...here) - Math.min(...here)).toBeGreaterThan(0.1);
    for (const foldBatchNorm of [false, true]) {
      const there = await logitsThere(source, { foldBatchNorm, feed: 'normalised' }, batch);
      expect(worst(there, here)).toBeLessThan(1e-4);
    }
  });

  test.each([
    ['resnet8', [14, 10, 1]],
    ['cnn2-4-8-pool', [9, 11, 3]],
    ['elu2-4-8', [9, 11, 3]],
    ['mlp-16', [6, 5, 3]],
  ] as const)('%s takes pixels from 0 to 1 when asked to', async (network, input) => {
    const source = randomSource(network, [...input], 4);
    const pixels = randomPixels(source);
    const here = await logitsHere(source, normalised(pixels, source));
    const there = await logitsThere(source, { foldBatchNorm: true, feed: 'pixels' }, pixels);
    expect(worst(there, here)).toBeLessThan(1e-4);
  });
}
