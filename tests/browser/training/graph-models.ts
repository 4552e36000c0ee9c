/** Our networks, exported as graph models and opened again. */
import { expect } from 'vitest';
import type { BackendName } from '../../../src/engine/backend-names';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import { tfjsModel } from '../../../src/export/tfjs/tfjs';
import { readForeignModel } from '../../../src/nn/read-weights';
import { logitsOf, openForeignModel } from '../../../src/training/teachers/tfjs-teacher';
import { logitsHere, normalised, randomPixels, randomSource, images, worst } from '../../unit/export/models';

const size = { height: 8, width: 8, channels: 1 as const };

/** The graph model's logits on a backend must be the network's on cpu. */
export async function expectSameAnswers(network: string, name: BackendName): Promise<void> {
  await chooseBackend('cpu');
  const source = randomSource(network, [8, 8, 1], 4);
  const pixels = randomPixels(source);
  const here = await logitsHere(source, normalised(pixels, source));
  const model = tfjsModel(source, { foldBatchNorm: true, feed: 'pixels' });
  const files = [
    { path: 'model.json', bytes: new TextEncoder().encode(model['model.json']) },
    { path: 'weights.bin', bytes: model['weights.bin'] },
  ];
  await chooseBackend(name);
  const opened = await openForeignModel(readForeignModel(files)!, size, 4);
  const raw = { mean: 0, deviation: 1 };
  const said = tf.tidy(() =>
    logitsOf(opened, tf.tensor4d(pixels, [images, 8, 8, 1]), raw, { feed: raw, answers: 'logits' }),
  );
  expect(worst(await said.data<'float32'>(), here)).toBeLessThan(1e-4);
  said.dispose();
  opened.dispose();
}
