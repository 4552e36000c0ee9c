import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import type { HintFactory } from '../hint';
import type { ccKnobs } from './about';
import { relationView } from '../method-views';
import { vectorsIn } from '../vectors';
import { ccEmbeddedLosses, embedVector } from './embedded';

/** Taylor series of the Gaussian kernel on unit vectors: [B,D] -> [B,B]. */
function kernel(features: Tensor2D, gamma: number, order: number): Tensor2D {
  const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(features), -1, true), 1e-24));
  const unit = tf.div(features, norm) as Tensor2D;
  const similarity = tf.matMul(unit, unit, false, true);
  let power = tf.onesLike(similarity);
  let factor = Math.exp(-2 * gamma);
  let sum = tf.mul(power, factor);
  for (let p = 1; p <= order; p++) {
    power = tf.mul(power, similarity);
    factor *= (2 * gamma) / p;
    sum = tf.add(sum, tf.mul(power, factor));
  }
  return sum as Tensor2D;
}

/** Row means of the squared difference of kernels, [B]. Source: Peng et al. 2019 (the form of the paper). */
export function ccLosses(student: Tensor2D, teacher: Tensor2D, gamma: number, order: number): Tensor1D {
  return tf.tidy(() =>
    tf.mean(tf.squaredDifference(kernel(student, gamma, order), kernel(teacher, gamma, order)), -1),
  );
}

export const createCc: HintFactory<typeof ccKnobs> = (setup) =>
  setup.knobs.form === 'embedded' ? createEmbedded(setup) : createKernel(setup);

const createKernel: HintFactory<typeof ccKnobs> = ({ knobs: chosen }) => {
  const vectors = vectorsIn(chosen);
  return {
    module: null,
    losses: (student, teacher, { knobs }) =>
      ccLosses(vectors.of(student), vectors.of(teacher), knobs.gamma, knobs.order),
    view: (student, teacher, { knobs }) =>
      relationView(vectors.of(student), vectors.of(teacher), 'Kernel', (features) =>
        kernel(features as Tensor2D, knobs.gamma, knobs.order),
      ),
    dispose: () => undefined,
  };
};

const createEmbedded: HintFactory<typeof ccKnobs> = ({ pair, knobs, random, scope }) => {
  const units = knobs.width;
  const vectors = vectorsIn(knobs);
  const { parameters } = describeModule(
    (ops, student, teacher) => {
      embedVector(ops, student!, 'Student', units);
      embedVector(ops, teacher!, 'Teacher', units);
    },
    [vectors.shapeOf(pair.student, pair.outputs), vectors.shapeOf(pair.teacher, pair.outputs)],
  );
  const module = Module.create(parameters, random, scope);
  return {
    module,
    losses: (student, teacher, { training }) => {
      const ops = module.ops({ training });
      return ccEmbeddedLosses(
        embedVector<Tensor>(ops, vectors.of(student), 'Student', units),
        embedVector<Tensor>(ops, vectors.of(teacher), 'Teacher', units),
      );
    },
    view: (student, teacher) => {
      const ops = module.ops({ training: false });
      return relationView(
        embedVector<Tensor>(ops, vectors.of(student), 'Student', units),
        embedVector<Tensor>(ops, vectors.of(teacher), 'Teacher', units),
        'Embeddings',
      );
    },
    dispose: () => module.dispose(),
  };
};
