import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { bundledTeachers, type BundledTeacherId } from '../../../src/distill/teachers/single/about';
import { tf } from '../../../src/engine/tf';
import { predictions } from '../../../src/nn/classification-metrics';
import { Network } from '../../../src/nn/network';
import { readSafetensors } from '../../../src/nn/safetensors';
import { useWasm } from '../../support/wasm-in-node';
import fixture from './fixtures/teachers.json';

const folder = new URL('../../../public/teachers/', import.meta.url);
const ids = Object.keys(bundledTeachers) as BundledTeacherId[];

beforeAll(useWasm);

test.each(ids)('%s answers as it did where it was trained', async (id) => {
  const { network: name, halve, input, classes, normalisation } = bundledTeachers[id];
  const expected = fixture.teachers[id];
  const { shape, base64 } = fixture.images[expected.images as 'digits' | 'fashion'];
  const weights = readSafetensors(await readFile(new URL(`${id}.safetensors`, folder)));
  const network = Network.create(name, input, classes, weights);
  const logits = tf.tidy(() => {
    const pixels = tf.tensor4d(
      Float32Array.from(Buffer.from(base64, 'base64')),
      shape as [number, number, number, number],
    );
    const reduced = halve ? tf.avgPool(pixels, 2, 2, 'valid') : pixels;
    const images = tf.div(tf.sub(tf.div(reduced, 255), normalisation.mean), normalisation.deviation);
    return network.forward(images as tf.Tensor4D, { training: false }).logits;
  });
  const values = await logits.data<'float32'>();
  const reference = expected.logits.flat();
  expect(Math.max(...reference.map((logit, i) => Math.abs(logit - values[i]!)))).toBeLessThan(1e-3);
  const right = [...predictions(values, classes)].filter((label, i) => label === expected.labels[i]);
  expect(right.length).toBeGreaterThanOrEqual(14);
});

test.each(ids)('%s says of itself what the page says', async (id) => {
  const { network, input, classes, normalisation, accuracy } = bundledTeachers[id];
  const about: unknown = JSON.parse(await readFile(new URL(`${id}.json`, folder), 'utf8'));
  expect(about).toMatchObject({ network, input, classes, normalisation, test: { accuracy } });
});
