import { tf } from '../../../engine/tf';
import { crossEntropies } from '../../objective';
import type { HintFactory } from '../hint';
import type { mlldKnobs } from './about';
import { softenedView } from '../method-views';
import { standardise } from '../lskd/loss';
import { overLabelled } from '../targets';
import { mlldParts } from './loss';

/** Multi-level logit distillation. Where there is no changed view (on watched images), the plain one stands for it. */
export const createMlld: HintFactory<typeof mlldKnobs> = ({ knobs: fixed }) => {
  const seen = (logits: tf.Tensor) => (fixed.standardise ? standardise(logits) : logits);
  return {
    module: null,
    losses: (student, teacher, { knobs, targets: oneHot, strong, probe }) => {
      const other = strong ?? { student, teacher };
      const views = {
        studentWeak: seen(student.logits),
        studentStrong: seen(other.student.logits),
        teacherWeak: seen(teacher.logits),
        teacherStrong: seen(other.teacher.logits),
      };
      const { instance, classes, batch } = mlldParts(views, {
        temperature: knobs.temperature,
        asCoded: knobs.asCoded,
      });
      const labels = overLabelled(crossEntropies(other.student.logits, oneHot), oneHot);
      const parts = { images: instance, classes, batch, labels };
      for (const [name, losses] of Object.entries(parts)) probe?.(`level/${name}`, tf.mean(losses));
      const levels = tf.add(tf.add(instance, classes), batch);
      return tf.add(levels, tf.mul(labels, knobs.strongLabels));
    },
    view: (student, teacher, { knobs }) =>
      softenedView(seen(student.logits), seen(teacher.logits), knobs.temperature),
    dispose: () => undefined,
  };
};
