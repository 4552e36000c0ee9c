import { constantOf } from '../../../engine/constant';
import { KeptTensors } from '../../../engine/kept-tensors';
import { tf, type Tensor2D, type Tensor3D, type Tensor4D } from '../../../engine/tf';
import { variableOf } from '../../../engine/variables';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import type { Trace } from '../../../nn/network';
import type { HintFactory } from '../hint';
import type { semckdKnobs } from './about';
import { semanticAttention, semckdLosses } from './loss';
import { embed, regressLayer } from './modules';

/** Share of the old value in the running mean of the attention. */
const memoryShare = 0.9;

/**
 * SemCKD. Its attention is read from a whole batch; where there is none (on the watched images) the running mean of the
 * last batches' attention stands for it.
 */
export const createSemckd: HintFactory<typeof semckdKnobs> = ({ pair, knobs, random, scope, batch }) => {
  const most = knobs.layers;
  const [from, to] = [pair.student.stages.slice(-most), pair.teacher.stages.slice(-most)];
  const { parameters } = describeModule((ops) => {
    from.forEach((_, i) => embed(ops, [batch], `query${i}`));
    to.forEach((_, j) => embed(ops, [batch], `key${j}`));
    from.forEach((shape, i) =>
      to.forEach((target, j) => regressLayer(ops, shape, `regressor${i}_${j}`, target[2]!)),
    );
  }, []);
  const module = Module.create(parameters, random, scope);
  const usual = variableOf(() => tf.fill([from.length, to.length], 1 / to.length), false, `${scope}/usual`);
  const held = new KeptTensors();
  let seen: Tensor2D | null = null;
  const layersOf = ({ stages }: Trace) => stages.slice(-most) as Tensor4D[];

  return {
    module,
    parts: to.map((_, j) => `stages/${pair.teacher.stages.length - to.length + j}` as const),
    losses: (student, teacher, { training, observed, probe }) => {
      const ops = module.ops({ training, ...(observed ? { observed } : {}) });
      const [s, t] = [layersOf(student), layersOf(teacher)];
      const images = student.logits.shape[0]!;
      const attention =
        images === batch
          ? semanticAttention(ops, s, t)
          : (tf.mul(tf.ones([images, 1, 1]), usual) as Tensor3D);
      const mean = constantOf(() => tf.mean<Tensor2D>(attention, 0));
      if (observed) {
        held.dispose();
        seen = held.keep(mean);
      }
      if (probe)
        from.forEach((_, i) =>
          to.forEach((_, j) =>
            probe(
              `attention/student ${i + 1} to teacher ${j + 1}`,
              tf.reshape(tf.slice(mean, [i, j], [1, 1]), []),
            ),
          ),
        );
      return semckdLosses(ops, s, t, attention);
    },
    memory: [usual],
    afterStep: () => {
      if (!seen) return;
      usual.assign(tf.add(tf.mul(usual, memoryShare), tf.mul(seen, 1 - memoryShare)));
      held.dispose();
      seen = null;
    },
    view: () => ({
      line: 'How much each student layer (rows) attends to each teacher layer (columns), on average over the last batches.',
      panels: [
        {
          label: 'Attention',
          who: null,
          kind: 'levels',
          values: usual.clone(),
          rows: from.map((_, i) => `student ${i + 1}`),
          columns: to.map((_, j) => `teacher ${j + 1}`),
        },
      ],
    }),
    dispose: () => {
      held.dispose();
      usual.dispose();
      module.dispose();
    },
  };
};
