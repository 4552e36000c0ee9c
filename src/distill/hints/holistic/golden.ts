import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { GoldenCase, Unit } from '../../../../tests/golden/case';
import {
  differentiate,
  differentiated,
  need,
  numberParameter,
  numbersOf,
  opsOver,
  tensorsOf,
} from '../../../../tests/golden/inputs';
import { movedRows } from '../banks';
import { countsOf } from './classes';
import { graphEmbedding, neighbourMatrix } from './graph';
import { holisticLosses, type HolisticOptions } from './loss';

/** Names of the layers in the cases. */
const names = {
  embedStudent: 'embedS',
  embedTeacher: 'embedT',
  graphStudent: 'gnnS',
  graphTeacher: 'gnnT',
};

/** A bank after the rows `index` have taken in the embeddings; a batch too small for a graph leaves it as it is. */
function bankAfter(golden: GoldenCase, bank: Tensor2D, index: Tensor, embeddings: Tensor2D): Tensor {
  if (embeddings.shape[0] < numberParameter(golden, 'k')) return bank.clone();
  const moved = movedRows(tf.gather(bank, index), embeddings, numberParameter(golden, 'memoryMomentum'));
  return tf.tensorScatterUpdate(bank, tf.reshape(index, [-1, 1]), moved);
}

const holisticLoss: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const of = (name: string) => need(tensors, name) as Tensor2D;
  const index = need(tensors, 'index') as Tensor1D;
  const banks = { student: of('memoryStudent'), teacher: of('memoryTeacher') };
  const counts = countsOf(of('negativeIndex'), banks.student.shape[0]);
  const options: HolisticOptions = {
    neighbours: numberParameter(golden, 'k'),
    tau: numberParameter(golden, 'temperature'),
    smoothing: numberParameter(golden, 'smoothMomentum'),
    negatives: golden.params['negatives'] === 'other' ? 'other' : 'own',
  };
  const found = () =>
    holisticLosses(
      opsOver(tensors),
      {
        features: { student: of('studentFeature'), teacher: of('teacherFeature') },
        logits: { student: of('studentLogits'), teacher: of('teacherLogits') },
        banks,
        rows: index,
        counts,
      },
      options,
      names,
    );
  const { value, grads } = differentiate(() => tf.mean(found().losses), tensors, differentiated(golden));
  const { losses, embeddings } = found();
  return {
    loss: (await numbersOf(value))[0]!,
    perSample: await numbersOf(losses),
    outputs: {
      embedS: embeddings.student,
      embedT: embeddings.teacher,
      memoryStudentAfter: bankAfter(golden, banks.student, index, embeddings.student),
      memoryTeacherAfter: bankAfter(golden, banks.teacher, index, embeddings.teacher),
    },
    grads,
  };
};

const knnTagConv: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const k = numberParameter(golden, 'k');
  const neighbours = neighbourMatrix(need(tensors, 'logits'), k);
  const units = need(tensors, 'bias').shape[0]!;
  const out = () =>
    graphEmbedding(
      opsOver({ 'graph.kernel': need(tensors, 'kernel'), 'graph.bias': need(tensors, 'bias') }),
      need(tensors, 'h') as Tensor2D,
      neighbours,
      k,
      { name: 'graph', units },
    );
  const { value, grads } = differentiate(
    () => tf.sum(tf.mul(out(), need(tensors, 'upstream'))),
    tensors,
    differentiated(golden),
  );
  return { loss: (await numbersOf(value))[0]!, outputs: { adjacency: neighbours, out: out() }, grads };
};

export const units: Record<string, Unit> = { holisticLoss, knnTagConv };
