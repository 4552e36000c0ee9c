/** The four terms of Holistic KD. */
import { constantOf } from '../../../engine/constant';
import type { Ops } from '../../../engine/ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { unitRows } from '../banks';
import { contrastLosses, smoothed } from './contrast';
import { graphEmbedding, neighbourMatrix } from './graph';

export const layers = {
  embedStudent: 'embedStudent',
  embedTeacher: 'embedTeacher',
  graphStudent: 'graphStudent',
  graphTeacher: 'graphTeacher',
};

export interface Sides<T> {
  student: T;
  teacher: T;
}

export interface HolisticInputs {
  /** Pooled features [B,Ds] and [B,Dt]; the student's differentiable. */
  features: Sides<Tensor>;
  /** [B,C] that give the graphs. */
  logits: Sides<Tensor>;
  /** [N,D], constant */
  banks: Sides<Tensor2D>;
  /** [B] int32, row of each image in the banks */
  rows: Tensor1D;
  /** [B,N] how often each row of a bank is a negative of each image, constant */
  counts: Tensor2D;
}

export interface HolisticOptions {
  neighbours: number;
  tau: number;
  smoothing: number;
  negatives: 'own' | 'other';
}

/** What the loss made of a batch. */
export interface Holistic {
  /** [B]; the sum of the terms */
  losses: Tensor1D;
  /** [B,D] unit rows, differentiable */
  embeddings: Sides<Tensor2D>;
  /** [B,B]; null in a batch that is smaller than the number of neighbours */
  graphs: Sides<Tensor2D> | null;
  /** [B,D], remembered of the other network, constant */
  positives: Sides<Tensor2D>;
}

/**
 * Plain embeddings against the other network's memory, and graph embeddings against that memory smoothed by the other
 * network's graph embedding; without the latter in a batch smaller than k. Source: Zhou et al. 2021, the authors' code.
 * @param ops has the layers `names` of D units
 */
export function holisticLosses(
  ops: Ops<Tensor>,
  { features, logits, banks, rows, counts }: HolisticInputs,
  { neighbours: k, tau, smoothing, negatives }: HolisticOptions,
  names: typeof layers = layers,
): Holistic {
  const units = banks.student.shape[1];
  const student = unitRows(ops.dense(features.student, { name: names.embedStudent, units }));
  const teacher = unitRows(ops.dense(features.teacher, { name: names.embedTeacher, units }));
  const remembered = (bank: Tensor2D) => constantOf(() => tf.gather(bank, rows));
  // Each network's positives are the other's.
  const positives = { student: remembered(banks.teacher), teacher: remembered(banks.student) };
  const [ofStudent, ofTeacher] =
    negatives === 'own' ? [banks.student, banks.teacher] : [banks.teacher, banks.student];
  const contrast = (anchors: Tensor2D, positive: Tensor2D, bank: Tensor2D) =>
    contrastLosses({ anchors, positives: positive, bank, counts }, tau);
  const plain = tf.add<Tensor1D>(
    contrast(student, positives.student, ofStudent),
    contrast(teacher, positives.teacher, ofTeacher),
  );
  const embeddings = { student, teacher };
  if (student.shape[0] < k) return { losses: plain, embeddings, graphs: null, positives };
  const graphs = {
    student: neighbourMatrix(logits.student, k),
    teacher: neighbourMatrix(logits.teacher, k),
  };
  const mixed = {
    student: graphEmbedding(ops, student, graphs.student, k, { name: names.graphStudent, units }),
    teacher: graphEmbedding(ops, teacher, graphs.teacher, k, { name: names.graphTeacher, units }),
  };
  const graphTerms = tf.add<Tensor1D>(
    contrast(mixed.student, smoothed(positives.student, mixed.teacher, smoothing), ofStudent),
    contrast(mixed.teacher, smoothed(positives.teacher, mixed.student, smoothing), ofTeacher),
  );
  return { losses: tf.add(plain, graphTerms), embeddings, graphs, positives };
}
