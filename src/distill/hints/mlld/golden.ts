import { tf } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import {
  differentiate,
  differentiated,
  need,
  numberParameter,
  numbersOf,
  tensorsOf,
} from '../../../../tests/golden/inputs';
import { oneHotOf } from '../../../../tests/golden/loss-units';
import { crossEntropies } from '../../objective';
import { mlldParts, type TwoViews } from './loss';

/** Three levels of two views, with the labels' part. */
const mlldLossAsCoded: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const views: TwoViews = {
    studentWeak: need(tensors, 'studentWeak'),
    studentStrong: need(tensors, 'studentStrong'),
    teacherWeak: need(tensors, 'teacherWeak'),
    teacherStrong: need(tensors, 'teacherStrong'),
  };
  const classes = views.studentWeak.shape[1]!;
  const target = oneHotOf(need(tensors, 'labels'), classes);
  const parts = () => {
    const { instance, classes, batch } = mlldParts(views, {
      temperature: numberParameter(golden, 'temperature'),
      asCoded: true,
      further: golden.params['extraTemperatures'] as number[],
    });
    const ces = tf.add(
      crossEntropies(views.studentWeak, target),
      crossEntropies(views.studentStrong, target),
    );
    const weight = numberParameter(golden, 'kdWeight');
    return {
      ce: tf.mul(tf.mean(ces), numberParameter(golden, 'ceWeight')),
      kd: tf.mul(tf.mean(instance), weight),
      cc: tf.mul(tf.mean(classes), weight),
      bc: tf.mul(tf.mean(batch), weight),
    };
  };
  const total = () => {
    const { ce, kd, cc, bc } = parts();
    return tf.add(tf.add(ce, kd), tf.add(cc, bc)) as tf.Scalar;
  };
  const { value, grads } = differentiate(total, tensors, differentiated(golden));
  return { loss: (await numbersOf(value))[0]!, outputs: parts(), grads };
};

export const units: Record<string, Unit> = { mlldLossAsCoded };
