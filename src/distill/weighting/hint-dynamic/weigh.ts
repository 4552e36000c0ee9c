/** HKD: the meta-weight network, its learning from the virtual step, and the ensembling of its answers. */
import { hasInstanceWeights, lengthsAndDeviations } from '../../../engine/instance-weights';
import { tf, type Tensor2D } from '../../../engine/tf';
import { DrivenOptimiser } from '../../../nn/driven-optimiser';
import { toTorchLayout, torchShape } from '../../../nn/layouts';
import { namedSlots } from '../../../nn/named-slots';
import { Adam } from '../../../nn/optimisers';
import { readVariables, writeVariables } from '../../../engine/variables';
import { signsOf } from '../../hints/weights';
import type { ValuesOf } from '../../knobs';
import type { Instances, Probes, WeightingFactory } from '../weighting';
import type { hintDynamicKnobs } from './about';
import { hypergradients } from './bilevel';
import { HistoryTable } from './ensembling';
import { featureCount, logLosses, metaFeatures } from './features';
import { createMetaParameters, metaGradients, metaWeights } from './meta-network';

/** PyTorch's names of what is trained. */
const names = ['meta1.weight', 'meta1.bias', 'meta2.weight', 'meta2.bias'];

export const createHintDynamic: WeightingFactory = ({ recipe, hints, pool, task, random, scope }) => {
  const knobs = () => recipe().weighting.knobs as ValuesOf<typeof hintDynamicKnobs>;
  const first = knobs();
  const parameters = createMetaParameters(featureCount(hints), first.metaHidden, hints, random, scope);
  const variables = [parameters.kernel1, parameters.bias1, parameters.kernel2, parameters.bias2];
  const driven = new DrivenOptimiser(new Adam(variables, { weightDecay: first.metaWeightDecay }));
  const history = new HistoryTable(pool, hints, scope);
  const negative = signsOf(recipe().hints);
  const base = () => tf.tensor2d([recipe().hints.map((hint) => hint.weight)]);

  // Features of a batch are computed once in a step; its weights are needed before and after the meta step.
  const looked = new WeakMap<Instances, Tensor2D>();

  return {
    autoBalance: first.autoBalance,
    parameters: variables.reduce((sum, variable) => sum + variable.size, 0),

    get inputs() {
      return driven.inputs;
    },

    prepare(_progress, learns) {
      if (!learns) return;
      const { metaLearningRate, metaWeightDecay } = knobs();
      driven.optimiser.options = { weightDecay: metaWeightDecay };
      driven.prepare(metaLearningRate);
    },

    weigh(instances, remember) {
      const { ensembleMix, ensembleMomentum } = knobs();
      const features = looked.get(instances) ?? metaFeatures(instances, history, task, negative);
      const weights = metaWeights(parameters, features, base());
      const { used, spread } = history.blend(instances.rows, weights, logLosses(features), {
        momentum: ensembleMomentum,
        mix: ensembleMix,
        remember,
      });
      // Where no loss has a weight any more, what is remembered of earlier weights does not count.
      const isOff = recipe().hints.every(({ weight }) => weight === 0);
      return { weights: isOff ? tf.zerosLike(used) : used, spreads: spread };
    },

    learnsAt(step, progress) {
      const { metaInterval, metaWarmup } = knobs();
      return progress * 100 >= metaWarmup && step % metaInterval === 0;
    },

    learn(problem) {
      const middle = base();
      const features = metaFeatures(problem.instances, history, task, negative);
      looked.set(problem.instances, features);
      // The virtual step uses the raw weights: the history belongs to the real step, and with it the gradient would be that of another weight.
      const weights = metaWeights(parameters, features, middle);
      const gradients = problem.lossGradients(weights);
      const before = problem.metaLoss(problem.parameters);
      const found = hypergradients(problem, gradients, knobs().delta);
      const lesson = metaGradients(parameters, features, middle, found.unscaled);
      // Adam is scale-free but its epsilon is not, so it sees the hypergradient without the tiny factor rate/B.
      driven.apply([lesson.kernel1, lesson.bias1, lesson.kernel2, lesson.bias2]);
      const perHint = probesPerHint(found.values, weights);
      const probes: Probes = {
        'meta loss/before the virtual step': before,
        'meta loss/after the virtual step': found.metaLoss,
        'meta gradient/norm': found.norm,
        'meta gradient/probe length': found.eps,
      };
      for (let h = 0; h < hints; h++) {
        probes[`hypergradient norm/${h}`] = perHint[h]!;
        probes[`weight spread/${h}`] = perHint[hints + h]!;
      }
      return probes;
    },

    async leaves() {
      const values = await readVariables(variables);
      return {
        values: variables.map(({ shape }, i) => ({
          name: names[i]!,
          shape: torchShape(shape),
          data: toTorchLayout(values[i]!, shape),
        })),
        remembered: await history.leaves(),
        slots: await namedSlots(
          driven.optimiser,
          new Map(variables.map((variable, i) => [names[i]!, variable])),
        ),
      };
    },

    async state() {
      return {
        variables: await readVariables([...variables, history.table]),
        optimiser: await driven.optimiser.state(),
      };
    },

    restore({ variables: values, optimiser }) {
      writeVariables([...variables, history.table], values);
      if (optimiser) driven.optimiser.restore(optimiser);
    },

    dispose() {
      driven.dispose();
      history.dispose();
      tf.dispose(variables);
    },
  };
};

/** Per hint the length of the hypergradient, then per hint the standard deviation of its weights. */
function probesPerHint(hypergradients: Tensor2D, weights: Tensor2D): tf.Scalar[] {
  if (hasInstanceWeights()) return lengthsAndDeviations(hypergradients, weights);
  const lengths = tf.sqrt(tf.sum(tf.square(hypergradients), 0));
  const deviations = tf.sqrt(tf.mean(tf.square(tf.sub(weights, tf.mean(weights, 0, true))), 0));
  return [...tf.unstack(lengths), ...tf.unstack(deviations)] as tf.Scalar[];
}
