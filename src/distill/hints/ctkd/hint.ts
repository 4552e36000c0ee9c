import { tf } from '../../../engine/tf';
import type { ParameterSpec } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import type { HintFactory } from '../hint';
import { standardise } from '../lskd/loss';
import { ctkdLosses, curriculum, scaleGradient, temperatureOf } from './loss';

/** One trained number; at 1 the temperature is 15.6. */
const theta: ParameterSpec = {
  name: 'theta',
  shape: [1],
  init: { kind: 'constant', value: 1 },
  kind: 'weight',
};

export const createCtkd: HintFactory = ({ random, scope }) => {
  const module = Module.create([theta], random, scope);
  return {
    module,
    looksAt: 'logits',
    losses: (student, teacher, { knobs, share, probe }) => {
      const number = (name: string) => Number(knobs[name]);
      const progress = tf.div(share, number('loops') / 100);
      const strength = curriculum(progress, { from: number('strengthFrom'), to: number('strengthTo') });
      const temperature = temperatureOf(scaleGradient(module.trainable.get('theta')!, strength), {
        start: number('start'),
        span: number('span'),
      });
      probe?.('temperature', tf.reshape(temperature, []));
      probe?.('strength of the temperature', tf.reshape(strength, []));
      const seen = (logits: tf.Tensor) => (knobs['standardise'] === true ? standardise(logits) : logits);
      return ctkdLosses(seen(student.logits), seen(teacher.logits), temperature);
    },
    dispose: () => module.dispose(),
  };
};
