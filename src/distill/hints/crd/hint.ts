import { liveTensor } from '../../../engine/capture/capture';
import { constantOf } from '../../../engine/constant';
import { KeptTensors } from '../../../engine/kept-tensors';
import { tf, type Tensor, type Tensor2D } from '../../../engine/tf';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import { RandomStream } from '../../../random/streams';
import { leavingValuesOf } from '../leaving-values';
import type { HintFactory } from '../hint';
import type { crdKnobs } from './about';
import { relationView } from '../method-views';
import { unitRows } from '../banks';
import { Negatives } from '../negatives';
import { affinities, contrastiveLosses, normaliserOf } from './contrast';
import { ScoredBanks } from './scored-banks';

const embedder = (who: 'Student' | 'Teacher') => `embed${who}`;

/**
 * Contrastive representation distillation. The banks hold an embedding of every image of the pool; scores use them as
 * they were before the step. On the watched images, which are no batch, negatives drawn once per class are used.
 */
export const createCrd: HintFactory<typeof crdKnobs> = ({
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
      ops.dense(student!, { name: embedder('Student'), units });
      ops.dense(teacher!, { name: embedder('Teacher'), units });
    },
    [pair.student.embedding, pair.teacher.embedding],
  );
  const module = Module.create(parameters, random, scope);
  const images = poolLabels.length;
  const banks = new ScoredBanks(images, units, random, scope);
  const negatives = new Negatives(poolLabels, {
    count: knobs.negatives,
    positive: knobs.positive,
  });
  const picks = liveTensor<Tensor2D>([batch, 1 + negatives.count], 'int32');
  const watched = new WatchedPicks(negatives, poolLabels, pair.outputs);
  const held = new KeptTensors();
  let seen: { student: Tensor2D; teacher: Tensor2D; z: [tf.Scalar, tf.Scalar] } | null = null;

  return {
    module,
    inputs: [picks],
    prepare: ({ rows, random: drawn }) => picks.write(negatives.draw(rows, drawn)),
    losses: (student, teacher, { knobs: live, rows, training, observed, probe }) => {
      const ops = module.ops({ training });
      const embed = (vector: Tensor, who: 'Student' | 'Teacher') =>
        unitRows(ops.dense(vector, { name: embedder(who), units }));
      const s = embed(student.embedding, 'Student');
      const t = embed(teacher.embedding, 'Teacher');
      const chosen = training && rows.shape[0] === batch ? picks.tensor : watched.of(rows);
      const tau = live.tau;
      const scores = [
        affinities(s, banks.teacher, chosen, tau),
        affinities(t, banks.student, chosen, tau),
      ] as const;
      const z = scores.map((score, i) =>
        constantOf(() => banks.normaliser(i as 0 | 1, normaliserOf(score, images))),
      ) as [tf.Scalar, tf.Scalar];
      if (observed) {
        held.dispose();
        seen = { student: held.keep(s), teacher: held.keep(t), z: [held.keep(z[0]), held.keep(z[1])] };
      }
      probe?.(
        'own image found',
        constantOf(() => foundShare(scores[0])),
      );
      return tf.add(contrastiveLosses(scores[0], z[0], images), contrastiveLosses(scores[1], z[1], images));
    },
    memory: banks.variables,
    leaves: async () => [
      ...(await leavingValuesOf({
        '': module,
        'bank.student': banks.student,
        'bank.teacher': banks.teacher,
      })),
      { name: 'normalisers', shape: [2], data: await banks.normaliserValues() },
    ],
    afterStep: (_student, _teacher, { knobs: live, rows }) => {
      if (!seen) return;
      banks.take(rows, seen.student, seen.teacher, live.momentum);
      banks.setNormalisers(seen.z);
      held.dispose();
      seen = null;
    },
    view: (student, teacher) => {
      const ops = module.ops({ training: false });
      return relationView(
        ops.dense(student.embedding, { name: embedder('Student'), units }),
        ops.dense(teacher.embedding, { name: embedder('Teacher'), units }),
        'Embeddings',
      );
    },
    dispose: () => {
      held.dispose();
      watched.dispose();
      picks.dispose();
      banks.dispose();
      module.dispose();
    },
  };
};

/** Share of the images whose own row scores highest of all. [B,K+1] -> scalar. */
function foundShare(scores: Tensor2D): tf.Scalar {
  const own = tf.slice(scores, [0, 0], [-1, 1]);
  const best = tf.max(scores, 1, true);
  return tf.sub(1, tf.mean(tf.step(tf.sub(best, own))));
}

/** Picks for images that are no batch: one list of negatives per class, drawn once. */
class WatchedPicks {
  /** [C+1,K] int32, the last row for images without a label */
  private readonly lists: Tensor2D;
  /** [N] int32, the list of each image */
  private readonly listOf: tf.Tensor1D;

  constructor(negatives: Negatives, labels: Int32Array, classes: number) {
    const random = RandomStream.fork(1, 'crd/watched');
    const rows = Array.from({ length: classes + 1 }, (_, label) => {
      const wanted = label < classes ? label : -1;
      const row = labels.indexOf(wanted);
      // No image of the pool asks for a list of a class that it lacks.
      return negatives.draw([Math.max(row, 0)], random).subarray(1);
    });
    this.lists = tf.tensor2d(
      rows.flatMap((row) => Array.from(row)),
      [classes + 1, negatives.count],
      'int32',
    );
    this.listOf = tf.tensor1d(
      labels.map((label) => (label < 0 ? classes : label)),
      'int32',
    );
  }

  /** [B] rows of the pool -> [B,K+1]. */
  of(rows: tf.Tensor1D): Tensor2D {
    return tf.tidy(() => {
      const others = tf.gather(this.lists, tf.gather(this.listOf, rows));
      return tf.concat([tf.reshape(rows, [-1, 1]), others], 1) as Tensor2D;
    });
  }

  dispose(): void {
    tf.dispose([this.lists, this.listOf]);
  }
}
