import { tf } from '../../../engine/tf';
import type { ParameterSpec } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import type { ValuesOf } from '../../knobs';
import type { HintFactory } from '../hint';
import type { ctkdKnobs } from './about';
import { softenedView } from '../method-views';
import { standardise } from '../lskd/loss';
import { ctkdLosses, curriculum, scaleGradient, temperatureOf } from './loss';

/** One trained number; at 1 the temperature is 15.6. */
const theta: ParameterSpec = {
  name: 'theta',
  shape: [1],
  init: { kind: 'constant', value: 1 },
  kind: 'weight',
};

export const createCtkd: HintFactory<typeof ctkdKnobs> = ({ knobs: fixed, random, scope }) => {
  const module = Module.create([theta], random, scope);
  const learned = module.trainable.get('theta')!;
  const seen = (logits: tf.Tensor) => (fixed.standardise ? standardise(logits) : logits);
  return {
    module,
    losses: (student, teacher, { knobs, progress, probe }) => {
      const strength = curriculum(tf.div(progress, knobs.loops / 100), {
        from: knobs.strengthFrom,
        to: knobs.strengthTo,
      });
      const temperature = temperatureOf(scaleGradient(learned, strength), rangeOf(knobs));
      probe?.('temperature', tf.reshape(temperature, []));
      probe?.('strength of the temperature', tf.reshape(strength, []));
      return ctkdLosses(seen(student.logits), seen(teacher.logits), temperature);
    },
    view: (student, teacher, { knobs }) =>
      softenedView(seen(student.logits), seen(teacher.logits), temperatureOf(learned, rangeOf(knobs))),
    dispose: () => module.dispose(),
  };
};

const rangeOf = (knobs: ValuesOf<typeof ctkdKnobs>) => ({ start: knobs.start, span: knobs.span });
