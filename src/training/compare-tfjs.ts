/** A saved TensorFlow.js model, loaded back and held against the network that it is of. */
import { unzipSync } from 'fflate';
import { tf } from '../engine/tf';
import { loadForeignModel, type ModelJson } from '../engine/tfjs-model';
import { differenceFrom, fedInstances, type LoadedBack, type ModelCheck } from './onnx/about';

/**
 * Needs a backend; leaves no tensor.
 * @param zip as `modelFile` makes it
 * @param feed of the model
 * @returns null where the file holds several networks, each of which answers by itself
 */
export async function compareTfjs(
  zip: Uint8Array,
  feed: 'pixels' | 'normalised',
  check: ModelCheck,
): Promise<LoadedBack | null> {
  const files = unzipSync(zip);
  const [json, weights] = [files['model.json'], files['weights.bin']];
  if (!json || !weights) return null;
  const model = await loadForeignModel(JSON.parse(new TextDecoder().decode(json)) as ModelJson, weights);
  try {
    const values = fedInstances(check, feed);
    const size = check.shape.reduce((product, side) => product * side, 1);
    const answers = tf.tidy(() =>
      model.answer(tf.tensor(values, [values.length / size, ...check.shape])).clone(),
    );
    try {
      return differenceFrom(check, await answers.data<'float32'>());
    } finally {
      answers.dispose();
    }
  } finally {
    model.dispose();
  }
}
