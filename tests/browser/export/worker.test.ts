import { afterEach, expect, test } from 'vitest';
import { exportClient } from '../../../src/worker/export-client';
import { randomSource } from '../../unit/export/models';
import { writeSafetensors } from '../../../src/nn/safetensors';
import { aboutToMetadata } from '../../../src/nn/weights-about';

let client: ReturnType<typeof exportClient>;
afterEach(() => client.dispose());

const source = randomSource('resnet8', [8, 8, 1]);
const safetensors = (network: string) =>
  writeSafetensors(
    source.weights,
    aboutToMetadata({ ...source, network, classes: [...source.classes], input: [8, 8, 1] }),
  );
const request = (network: string) =>
  ({
    format: 'onnx',
    safetensors: safetensors(network),
    learner: 'student',
    run: 'x',
    options: { foldBatchNorm: false, feed: 'pixels' },
    name: 'x',
  }) as const;

test('the worker writes files, and says in a sentence why it cannot', async () => {
  client = exportClient();
  const [file, problem] = await Promise.all([
    client.call('model', request('resnet8')),
    client.call('model', request('resnet14')).catch((error: unknown) => String(error)),
  ]);
  expect(file.name).toBe('x.onnx');
  expect(file.blob.size).toBeGreaterThan(300_000);
  expect(problem).toBe('Error: The weights lack “layer1.1.conv1.weight”.');
});

test('a file that is under way when the page closes is refused, not left waiting', async () => {
  client = exportClient();
  const file = client.call('model', request('resnet8'));
  client.dispose();
  await expect(file).rejects.toThrow('closing');
});
