import { liveTensor } from '../../../engine/capture/capture';
import { constantOf } from '../../../engine/constant';
import { KeptTensors } from '../../../engine/kept-tensors';
import { tf, type Tensor, type Tensor2D } from '../../../engine/tf';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import { Banks } from '../banks';
import { leavingValuesOf } from '../leaving-values';
import type { HintContext, HintFactory } from '../hint';
import { Negatives } from '../negatives';
import { targetsOf } from '../targets';
import type { holisticKnobs } from './about';
import { countsOf, PoolClasses } from './classes';
import { neighbourMatrix } from './graph';
import { holisticLosses, layers, type Holistic } from './loss';

type Context = Pick<HintContext<typeof holisticKnobs>, 'training' | 'rows'>;

/**
 * Holistic KD. The memory holds an embedding of every image of the pool by either network; it is written after the step,
 * with embeddings from before it.
 */
export const createHolistic: HintFactory<typeof holisticKnobs> = ({
  pair,
  knobs,
  random,
  scope,
  batch,
  poolLabels,
}) => {
  const units = knobs.width;
  const { parameters } = describeModule(
    (ops, student, teacher) => {
      const s = ops.dense(student!, { name: layers.embedStudent, units });
      const t = ops.dense(teacher!, { name: layers.embedTeacher, units });
      ops.dense(ops.concat([s, s]), { name: layers.graphStudent, units });
      ops.dense(ops.concat([t, t]), { name: layers.graphTeacher, units });
    },
    [pair.student.embedding, pair.teacher.embedding],
  );
  const module = Module.create(parameters, random, scope);
  const banks = new Banks(poolLabels.length, units, random, scope);
  const classes = new PoolClasses(poolLabels, pair.outputs, scope);
  const drawn = knobs.bank === 'sample' ? new DrawnNegatives(poolLabels, batch, knobs.drawn) : null;
  const held = new KeptTensors();
  let seen: { student: Tensor2D; teacher: Tensor2D } | null = null;

  return {
    module,
    memory: [...banks.variables, classes.variable],
    leaves: () =>
      leavingValuesOf({
        '': module,
        'bank.student': banks.student,
        'bank.teacher': banks.teacher,
        classes: classes.variable,
      }),
    ...(drawn ? { inputs: [drawn.picks], prepare: ({ rows, random: from }) => drawn.write(rows, from) } : {}),
    survey: async (ask) => {
      const unknown = Int32Array.from(poolLabels.keys()).filter((row) => poolLabels[row]! < 0);
      if (unknown.length > 0) classes.name(unknown, await ask(unknown));
    },
    losses: (student, teacher, { knobs: live, rows, targets, training, observed, probe }) => {
      const target = constantOf(() => targetsOf(targets, teacher.logits));
      const others = constantOf(() => classes.others(target));
      const counts = drawn ? constantOf(() => drawn.counts(others, { training, rows })) : others;
      const found = holisticLosses(
        module.ops({ training }),
        {
          features: { student: student.embedding, teacher: teacher.embedding },
          logits: { student: student.logits, teacher: teacher.logits },
          banks: { student: banks.student, teacher: banks.teacher },
          rows,
          counts,
        },
        { ...live, negatives: live.negativesOf },
      );
      if (observed) {
        held.dispose();
        const { embeddings } = found;
        seen = { student: held.keep(embeddings.student), teacher: held.keep(embeddings.teacher) };
      }
      if (probe) tellProbes(probe, found, { target, others, bank: banks.student });
      return found.losses;
    },
    afterStep: (_student, teacher, { knobs: live, rows, targets }) => {
      if (!seen) return;
      classes.take(rows, targetsOf(targets, teacher.logits));
      if (rows.shape[0] >= live.neighbours) banks.take(rows, seen.student, seen.teacher, live.momentum);
      held.dispose();
      seen = null;
    },
    view: (student, teacher, { knobs: live }) => {
      const graph = (logits: Tensor) => neighbourMatrix(logits, Math.min(live.neighbours, logits.shape[0]!));
      const [ofStudent, ofTeacher] = [graph(student.logits), graph(teacher.logits)];
      const label = 'Neighbours';
      return {
        line: 'A bright square: the column’s image is a nearest neighbour of the row’s. Images are sorted by class, so neighbours of one class lie in blocks along the diagonal; the difference should fade.',
        panels: [
          { label, who: 'teacher', kind: 'matrix', values: ofTeacher },
          { label, who: 'student', kind: 'matrix', values: ofStudent },
          { label, who: 'difference', kind: 'matrix', values: tf.sub(ofStudent, ofTeacher) },
        ],
      };
    },
    dispose: () => {
      held.dispose();
      drawn?.picks.dispose();
      classes.dispose();
      banks.dispose();
      module.dispose();
    },
  };
};

/** Negatives that are drawn for each image and step. */
class DrawnNegatives {
  /** [B,K] int32 */
  readonly picks;
  private readonly negatives: Negatives;
  private readonly images: number;

  constructor(labels: Int32Array, batch: number, count: number) {
    this.negatives = new Negatives(labels, { count, positive: 'exact' });
    this.images = labels.length;
    this.picks = liveTensor<Tensor2D>([batch, this.negatives.count], 'int32');
  }

  write(rows: ArrayLike<number>, random: Parameters<Negatives['draw']>[1]): void {
    const { count } = this.negatives;
    const all = this.negatives.draw(rows, random);
    // Each row begins with the image itself, which is no negative.
    const picks = new Int32Array(rows.length * count);
    for (let i = 0; i < rows.length; i++)
      picks.set(all.subarray(i * (count + 1) + 1, (i + 1) * (count + 1)), i * count);
    this.picks.write(picks);
  }

  /**
   * [B,N]. For images that are no batch of the training, all of other classes count, together as much as the drawn ones.
   * @param others [B,N], 1 for rows of other classes
   */
  counts(others: Tensor2D, { training, rows }: Context): Tensor2D {
    return tf.tidy(() => {
      const { tensor } = this.picks;
      if (training && rows.shape[0] === tensor.shape[0])
        return tf.mul(others, countsOf(tensor, this.images)) as Tensor2D;
      const share = tf.div(this.negatives.count, tf.maximum(tf.sum(others, 1, true), 1));
      return tf.mul(others, share) as Tensor2D;
    });
  }
}

interface ProbeInputs {
  /** [B,C] one-hot */
  target: Tensor2D;
  /** [B,N] */
  others: Tensor2D;
  /** [N,D] */
  bank: Tensor2D;
}

/** How far the two graphs agree, how pure they are, and how near positives and negatives lie. */
function tellProbes(
  probe: (name: string, value: tf.Scalar) => void,
  { embeddings, graphs, positives }: Holistic,
  { target, others, bank }: ProbeInputs,
): void {
  const share = (part: Tensor, whole: Tensor) => tf.div(tf.sum(part), tf.maximum(tf.sum(whole), 1));
  const tell = (name: string, value: () => Tensor) =>
    probe(
      name,
      constantOf(() => tf.tidy(value) as tf.Scalar),
    );
  const { student } = embeddings;
  tell('similarity/own image', () => tf.mean(tf.sum(tf.mul(student, positives.student), 1)));
  tell('similarity/other classes', () =>
    share(tf.mul(tf.matMul(student, bank, false, true), others), others),
  );
  if (!graphs) return;
  const apart = tf.tidy(() => tf.sub(1, tf.eye(target.shape[0])));
  tell('neighbours/in common', () =>
    share(tf.mul(tf.mul(graphs.student, graphs.teacher), apart), tf.mul(graphs.teacher, apart)),
  );
  for (const who of ['student', 'teacher'] as const)
    tell(`neighbours/of its class, ${who}`, () => {
      const near = tf.mul(graphs[who], apart);
      return share(tf.mul(near, tf.matMul(target, target, false, true)), near);
    });
}
