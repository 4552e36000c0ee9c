/**
 * Runs TensorFlow.js models that were made elsewhere: graph models (tfjs-converter) and layers models (tfjs-layers).
 * Both libraries are loaded on demand, when the user drops such a model.
 */
import { tf, type Tensor } from './tf';

/** A model of which only the outputs are used. */
export interface ForeignModel {
  /** Shape of one image; null for a side of any size. */
  readonly input: readonly (number | null)[];
  /** Outputs [B,K] of a batch [B,...input], in the caller's tidy. @throws Error when it returns something else */
  answer(batch: Tensor): Tensor;
  dispose(): void;
}

/** The contents of `model.json`; the libraries validate the rest. */
export type ModelJson = tf.io.ModelJSON & { format?: string };

/**
 * Builds a model on the active backend; the caller disposes it.
 * @param weights the concatenated bytes of all its weight files
 * @throws Error with a sentence when it cannot be run here
 */
export async function loadForeignModel(json: ModelJson, weights: Uint8Array): Promise<ForeignModel> {
  const data = Uint8Array.from(weights).buffer;
  const artifacts = await tf.io.getModelArtifactsForJSON(json, (manifest) =>
    Promise.resolve([manifest.flatMap((group) => group.weights), data]),
  );
  const source = tf.io.fromMemory(artifacts);
  return isLayersModel(json) ? layersModel(source) : graphModel(source);
}

/** Graph models have nodes; layers models have a Keras configuration. */
function isLayersModel({ format, modelTopology }: ModelJson): boolean {
  if (format !== undefined) return format === 'layers-model';
  return !('node' in modelTopology);
}

async function graphModel(source: tf.io.IOHandler): Promise<ForeignModel> {
  const { loadGraphModel } = await import('@tensorflow/tfjs-converter');
  const model = await loadGraphModel(source);
  return {
    input: inputOf(model.inputs),
    answer: (batch) => answersOf(model.predict(batch)),
    dispose: () => model.dispose(),
  };
}

async function layersModel(source: tf.io.IOHandler): Promise<ForeignModel> {
  const { loadLayersModel } = await import('@tensorflow/tfjs-layers');
  const model = await loadLayersModel(source);
  return {
    input: inputOf(model.inputs),
    answer: (batch) => answersOf(model.predict(batch, { batchSize: batch.shape[0]! })),
    dispose: () => void model.dispose(),
  };
}

function inputOf(inputs: readonly { shape?: readonly (number | null)[] }[]): (number | null)[] {
  if (inputs.length !== 1)
    throw new Error(`This model reads ${inputs.length} things at once, and a teacher reads one image.`);
  const { shape } = inputs[0]!;
  if (!shape || shape.length < 2)
    throw new Error('This model does not say how large the images are that it reads.');
  return shape.slice(1).map((side) => (side === null || side < 0 ? null : side));
}

function answersOf(said: Tensor | Tensor[] | Record<string, Tensor>): Tensor {
  const all = said instanceof tf.Tensor ? [said] : Object.values(said);
  const [answers] = all;
  if (all.length !== 1 || !answers)
    throw new Error(`This model gives ${all.length} things for an image, and a teacher gives its answer.`);
  if (answers.rank !== 2)
    throw new Error(
      `This model answers with an array of ${answers.rank} axes; a classifier gives one number per class.`,
    );
  return answers;
}
