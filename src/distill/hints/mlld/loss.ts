import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { kdLosses } from '../kd/loss';
import { notAboveMedian } from './median';

/** Logits [B,C] of two views of the same images; the teacher's are constants. */
export interface TwoViews {
  studentWeak: Tensor;
  studentStrong: Tensor;
  teacherWeak: Tensor;
  teacherStrong: Tensor;
}

export interface MlldOptions {
  temperature: number;
  /** The authors' code multiplies a mean by the share of masked rows; otherwise the rows themselves are masked. */
  asCoded: boolean;
  /** Beside the base temperature; the code uses the first two for the strong view and the others for the weak one. */
  further?: readonly number[];
}

/** [B] each; the mean of each is the published term before its weight. */
export interface MlldParts {
  /** Images: KL at several temperatures. */
  instance: Tensor1D;
  /** Classes: how they occur together over the batch. The batch's value, so every image has the same. */
  classes: Tensor1D;
  /** Batch: how alike the answers to its images are; row sums. */
  batch: Tensor1D;
}

const publishedTemperatures = [3, 5, 2, 6] as const;

/**
 * The three levels of multi-level logit distillation. Only images (and classes) on which the teacher is no surer than
 * on the median one count; the strong view's own class and batch terms are dropped, as in the code.
 * Source: Jin et al. 2023, the authors' code.
 */
export function mlldParts(
  { studentWeak, studentStrong, teacherWeak, teacherStrong }: TwoViews,
  { temperature, asCoded, further = publishedTemperatures }: MlldOptions,
): MlldParts {
  return tf.tidy(() => {
    const [size, classes] = studentWeak.shape as [number, number];
    const confidence = tf.softmax(teacherWeak as Tensor2D);
    const hard = notAboveMedian(tf.max(confidence, -1));
    const rare = notAboveMedian(tf.sum(confidence, 0));
    const [imageMask, classMask] = asCoded ? [tf.mean(hard), tf.mean(rare)] : [hard, rare];

    const weak = (t: number) => kdLosses(studentWeak, teacherWeak, t);
    const strong = (t: number) => kdLosses(studentStrong, teacherStrong, t);
    const sum = (terms: Tensor[]) => terms.reduce((total, term) => tf.add(total, term));
    const all = [temperature, ...further];
    const unmasked = all.map((t, i) => (i < 3 ? strong(t) : weak(t)));
    const instance = tf.add(tf.mul(sum(all.map(weak)), imageMask), sum(unmasked));

    /** Row sums of the squared difference of Gram matrices of the answers. */
    const gram = (t: number, overBatch: boolean) => {
      const of = (logits: Tensor) => {
        const p = tf.softmax(tf.div(logits, t) as Tensor2D);
        return tf.matMul(p, p, !overBatch, overBatch);
      };
      return tf.sum(tf.squaredDifference(of(teacherWeak), of(studentWeak)), -1);
    };
    const classRows = tf.mul(sum(all.map((t) => gram(t, false))), classMask);
    const batch = tf.mul(sum(all.map((t) => gram(t, true))), imageMask);
    return {
      instance,
      classes: tf.mul(tf.ones([size]), tf.div(tf.sum(classRows), classes)),
      batch,
    };
  }) as unknown as MlldParts;
}
