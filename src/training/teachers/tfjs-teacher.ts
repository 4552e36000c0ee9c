/** An imported TensorFlow.js model as a teacher: it gives logits, and no features. */
import type { ImageNormalisation, ImageSource } from '../../distill/modalities/image/image-source';
import { loadForeignModel, type ForeignModel } from '../../engine/tfjs-model';
import { tf, type Tensor, type Tensor4D } from '../../engine/tf';
import type { Trace } from '../../nn/network';
import type { ForeignTfjsModel } from '../../nn/read-weights';
import { logitsOnlyTrace } from '../teacher-view';
import type { Teacher, TeacherState } from './teacher';
import { sentenceOf } from '../../limits/texts';

/** Inputs and outputs of a model. */
export interface ModelInterface {
  /** Its input is (pixel - mean) / deviation, with pixels from 0 to 1. */
  feed: ImageNormalisation;
  answers: 'logits' | 'probabilities';
}

type Size = Pick<ImageSource, 'height' | 'width' | 'channels'>;

/** Lower bound of probabilities, so that their logarithms stay finite. */
const smallest = 1e-7;

export class ForeignModelTeacher implements Teacher {
  readonly networks = [];
  readonly version = 0;
  readonly outputs: number;
  private readonly model: ForeignModel;
  private readonly given: ImageNormalisation;
  private readonly manner: ModelInterface;

  /** Owns the model. @param given how the images of a trace are normalised */
  constructor(model: ForeignModel, classes: number, given: ImageNormalisation, manner: ModelInterface) {
    this.model = model;
    this.outputs = classes;
    this.given = given;
    this.manner = manner;
  }

  trace(images: Tensor): Trace {
    return logitsOnlyTrace(logitsOf(this.model, images, this.given, this.manner));
  }

  state(): Promise<TeacherState> {
    return Promise.resolve({ networks: [] });
  }

  dispose(): void {
    this.model.dispose();
  }
}

/** The model of a file; owned by the caller. @throws Error with a sentence when it cannot teach on these images and classes */
export async function openForeignModel(
  { json, weights }: ForeignTfjsModel,
  size: Size,
  classes: number,
): Promise<ForeignModel> {
  const model = await loadForeignModel(json, weights).catch(refuse);
  try {
    const problem = sizeProblem(model.input, size) ?? answerProblem(model, size, classes);
    if (problem !== null) throw new Error(problem);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function refuse(error: unknown): never {
  // TensorFlow.js does not validate a description: missing parts show as TypeError or RangeError.
  const tripped = error instanceof TypeError || error instanceof RangeError;
  const said = sentenceOf(error);
  const why = tripped ? 'its model.json or its weights are incomplete or damaged.' : said;
  throw new Error(`This model of TensorFlow.js cannot be run here: ${why}`, { cause: error });
}

/** Runs the model once, on a black image. */
function answerProblem(model: ForeignModel, size: Size, classes: number): string | null {
  const { height, width, channels } = size;
  const none = { mean: 0, deviation: 1 };
  let answers = 0;
  try {
    tf.tidy(() => {
      const black = tf.zeros<tf.Rank.R4>([1, height, width, channels]);
      answers = logitsOf(model, black, none, { feed: none, answers: 'logits' }).shape[1]!;
    });
  } catch (error) {
    refuse(error);
  }
  return answers === classes
    ? null
    : `This model gives ${answers} answers, but the data set has ${classes} classes.`;
}

/** Sentences on how images are changed for the model. */
export function fittingNotes({ input }: ForeignModel, { height, width, channels }: Size): string[] {
  if (input.length !== 3) return [];
  const [rows, columns, colours] = input;
  const notes: string[] = [];
  if ((rows ?? height) !== height || (columns ?? width) !== width)
    notes.push(
      `Images are resized from ${height} × ${width} to ${rows ?? height} × ${columns ?? width} for it.`,
    );
  if (channels === 1 && colours === 3) notes.push('Grey images are shown to it as colour images.');
  return notes;
}

/**
 * Logits [B,C] of images [B,H,W,C], in the caller's tidy. Probabilities are turned into their logarithms, which differ
 * from logits by a constant per image; the softmax is the same.
 */
export function logitsOf(
  model: ForeignModel,
  images: Tensor,
  given: ImageNormalisation,
  manner: ModelInterface,
): Tensor {
  const { feed, answers } = manner;
  const factor = given.deviation / feed.deviation;
  const offset = (given.mean - feed.mean) / feed.deviation;
  const fed = tf.add(tf.mul(images, factor), offset) as Tensor;
  const said = model.answer(fitted(fed, model.input));
  return answers === 'probabilities' ? tf.log(tf.maximum(said, smallest)) : said;
}

function fitted(images: Tensor, input: ForeignModel['input']): Tensor {
  const [count, height, width, channels] = images.shape as [number, number, number, number];
  if (input.length !== 3) return tf.reshape(images, [count, ...input.map((side) => side ?? -1)]);
  const [rows, columns, colours] = input;
  const size: [number, number] = [rows ?? height, columns ?? width];
  const sized =
    size[0] === height && size[1] === width
      ? images
      : tf.image.resizeBilinear(images as Tensor4D, size, false, true);
  return channels === 1 && colours === 3 ? tf.tile(sized, [1, 1, 1, 3]) : sized;
}

function sizeProblem(input: ForeignModel['input'], { height, width, channels }: Size): string | null {
  const here = `${height} × ${width}${channels === 1 ? ', grey' : ', colour'}`;
  if (input.length === 3) {
    const [first, , last] = input;
    if (last === channels || last === null || (last === 3 && channels === 1)) return null;
    if (last === 1 && channels === 3)
      return 'This model reads grey images, but those of the data set are in colour. Make the data set grey when you import it.';
    return first === 1 || first === 3
      ? 'This model wants channels first ([channels, height, width]), which TensorFlow.js does not run on every device. Convert it with channels last.'
      : `This model reads ${input.join(' × ')} numbers per image, but images here are ${here}.`;
  }
  const numbers = input.reduce<number>((product, side) => product * (side ?? 1), 1);
  return input.length < 3 && input.every((side) => side !== null) && numbers === height * width * channels
    ? null
    : `This model reads ${input.map((side) => side ?? 'any').join(' × ')} numbers per image, but images here are ${here}.`;
}
