/** Makes the generator of digits that ships with the page, with the page's own engine on wasm. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadBundled } from '../../src/data/bundled-sets';
import { readRecipe } from '../../src/distill/recipe';
import { writeSafetensors } from '../../src/nn/safetensors';
import { Run } from '../../src/training/run';
import { useWasm } from './wasm-in-node';

const folder = fileURLToPath(new URL('../../public', import.meta.url));
const fetchAsset = async (path: string) => new Uint8Array(await readFile(join(folder, path))).buffer;

const id = 'digits-8x8';
const ganSteps = 1500;
const ratioSteps = 600;

/** @param tell gets a line now and then */
export async function makeGenerator(
  tell: (text: string) => void,
): Promise<{ id: string; weights: Uint8Array; about: object }> {
  await useWasm();
  const { recipe, problems } = readRecipe({
    version: 2,
    title: 'The bundled generator',
    seed: 1,
    material: {
      dataset: id,
      unlabelled: 500,
      unlabelledFrom: 'generated',
      ganSteps,
      ratioSteps,
      mostDraws: 20,
    },
    teacher: { kind: 'single', knobs: { source: 'digits-8x8-cnn-16-32-64' } },
    hints: [],
    student: { network: 'mlp-32' },
    schedule: { steps: 1, batch: 32, evaluateEvery: 1 },
  });
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join(' '));
  const run = new Run(recipe, await loadBundled(id, fetchAsset), { fetchAsset });
  const measured: Record<string, number> = {};
  for await (const events of run.ticks())
    for (const event of events) {
      if (event.type === 'failed') throw new Error(event.message);
      if (event.type !== 'step' || event.phase !== 'generator') continue;
      Object.assign(measured, event.values);
      if (event.step % 50 === 0) tell(`step ${event.step} ${JSON.stringify(event.values)}`);
    }
  const { generated } = await run.checkpoint();
  run.dispose();
  if (!generated?.ratio) throw new Error('The run has no generator and density ratio.');
  const named = (part: string, arrays: typeof generated.generator) =>
    arrays.map(({ name, ...rest }) => ({ name: `${part}.${name}`, ...rest }));
  const weights = [...named('generator', generated.generator), ...named('ratio', generated.ratio)];
  const about = {
    made: 'npm run generator',
    dataset: id,
    images: 1437,
    generator: { steps: ganSteps, optimiser: 'Adam (0.5, 0.999)', learningRate: 0.001, average: 0.99 },
    ratio: { steps: ratioSteps, teacher: 'digits-8x8-cnn-16-32-64' },
    measured,
    parameters: weights.reduce((sum, { data }) => sum + data.length, 0),
  };
  return { id, weights: writeSafetensors(weights), about };
}
