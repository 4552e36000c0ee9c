/** Units of pictures that a conditional GAN makes: its losses, the density ratio, and which pictures are kept. */
import { discriminatorLoss, generatorLoss, ratioLoss } from '../../../src/distill/material/generated/losses';
import {
  absoluteErrors,
  accept,
  below,
  judged,
  quantile,
} from '../../../src/distill/material/generated/select';
import { regression } from '../../../src/distill/tasks/regression';
import { meanOverLabelled } from '../../../src/distill/objective';
import { logitLosses } from '../../../src/distill/hints/logits/loss';
import { opsOverTensors } from '../../../src/engine/fused';
import { tf, type Tensor, type Tensor2D } from '../../../src/engine/tf';
import { ratioOf } from '../../../src/nn/networks/generator';
import type { GoldenCase, Unit } from '../case';
import {
  differentiate,
  differentiated,
  fileName,
  need,
  numberParameter,
  numbersOf,
  tensorsOf,
  type Tensors,
} from '../inputs';
import { oneHotOf } from '../loss-units';

/** The case's value and gradients. */
async function differentiatedUnit(
  golden: GoldenCase,
  loss: (tensors: Tensors) => tf.Scalar,
  outputs: (tensors: Tensors) => Tensors,
) {
  const tensors = tensorsOf(golden);
  const { value, grads } = differentiate(() => loss(tensors), tensors, differentiated(golden));
  return { loss: (await numbersOf(value))[0]!, outputs: outputs(tensors), grads };
}

/** The generator's loss has an input of its own, so that the sum has the gradients of both. */
const hinge: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const ofDiscriminator = () => discriminatorLoss(need(tensors, 'dReal'), need(tensors, 'dFake'));
  const ofGenerator = () => generatorLoss(need(tensors, 'dFakeForGenerator'));
  const both = () => tf.add<tf.Scalar>(ofDiscriminator(), ofGenerator());
  const { grads } = differentiate(both, tensors, differentiated(golden));
  return {
    loss: (await numbersOf(ofDiscriminator()))[0]!,
    outputs: { generatorLoss: ofGenerator() },
    grads,
  };
};

const cdreLoss: Unit = (golden) => {
  const parts = (tensors: Tensors) =>
    ratioLoss(need(tensors, 'ratioReal'), need(tensors, 'ratioFake'), numberParameter(golden, 'lambda'));
  return differentiatedUnit(
    golden,
    (tensors) => tf.add<tf.Scalar>(parts(tensors).divergence, parts(tensors).penalty),
    (tensors) => ({ softplusDivergence: parts(tensors).divergence, penalty: parts(tensors).penalty }),
  );
};

const nameInFile = (name: string) =>
  name === 'embedding.weight'
    ? 'labelEmbedding'
    : name.startsWith('norm')
      ? name.replace('norm', 'groupNorm').replace('weight', 'gamma').replace('bias', 'beta')
      : fileName(name);

const cdrMlp: Unit = (golden) => {
  const { hidden, groups } = golden.params as { hidden: number[]; groups: number };
  const ratio = (tensors: Tensors): Tensor => {
    const classes = need(tensors, 'labelEmbedding').shape[0]!;
    const ops = opsOverTensors({
      weights: (name) => {
        const weight = need(tensors, nameInFile(name));
        // A table of classes is a convolution of one place.
        return name === 'embedding.weight' ? tf.reshape(weight, [1, 1, classes, classes]) : weight;
      },
      statistics: need.bind(null, tensors),
      training: false,
    });
    const define = ratioOf({ kind: 'class', width: classes }, { hidden, groups, dropout: 0.5 });
    return define(ops, need(tensors, 'feature'), oneHotOf(need(tensors, 'labels'), classes));
  };
  return differentiatedUnit(
    golden,
    (tensors) => {
      const ratios = ratio(tensors);
      const factors = tf.range(1, ratios.size + 1);
      return tf.sum<tf.Scalar>(tf.mul(tf.reshape(ratios, [-1]), factors));
    },
    (tensors) => ({ ratio: ratio(tensors) }),
  );
};

const rejectionSampling: Unit = ({ inputs }) => {
  const { shape, data } = inputs['ratio']!;
  const [rounds, size] = shape as [number, number];
  const of = (values: number[], round: number) => values.slice(round * size, (round + 1) * size);
  let highest = Math.max(...inputs['burnInRatio']!.data);
  const accepted = Array.from({ length: rounds }, (_, round) => {
    const result = accept(highest, of(data, round), of(inputs['uniform']!.data, round));
    highest = result.highest;
    return Array.from(result.accepted);
  });
  return { outputs: { accepted: accepted.flat() } };
};

const filter: Unit = (golden) => {
  const { inputs } = golden;
  const label = numberParameter(golden, 'classIndex');
  const classes = inputs['logits']!.shape[1]!;
  const of = ({ data }: { data: number[] }) =>
    judged(data, classes, new Int32Array(data.length / classes).fill(label));
  const cut = quantile(of(inputs['burnInLogits']!).losses, numberParameter(golden, 'rho'));
  const { losses, top } = of(inputs['logits']!);
  const keep = below(losses, cut);
  return {
    outputs: {
      cutoff: [cut],
      keep: Array.from(keep),
      adjustedLabels: Array.from(top).filter((_, n) => keep[n] === 1),
    },
  };
};

const filterRegression: Unit = (golden) => {
  const of = (name: string) => golden.inputs[name]!.data;
  const cut = quantile(
    absoluteErrors(of('burnInTeacherValue'), of('burnInCondition'), 1),
    numberParameter(golden, 'rho'),
  );
  const error = absoluteErrors(of('teacherValue'), of('condition'), 1);
  return {
    outputs: {
      cut: [cut],
      error: Array.from(error),
      keep: Array.from(below(error, cut)),
      label: of('teacherValue'),
    },
  };
};

/** Plain distillation of numbers, with the task and the loss that runs have. */
const regressionLoss: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const [student, teacher] = [need(tensors, 'student'), need(tensors, 'teacher')];
  const { data } = golden.inputs['targets']!;
  const rows = student.shape[0]!;
  const task = regression({ mean: [0], deviation: [1] });
  const known = Uint8Array.from({ length: rows }, (_, row) => Number(row < data.length));
  const values = Float32Array.from({ length: rows }, (_, row) => data[row] ?? 0);
  const every = Int32Array.from({ length: rows }, (_, row) => row);
  const targets = tf.tensor2d(task.encode({ values, width: 1, known }, every), [rows, 2]) as Tensor2D;
  const [labelWeight, hintWeight] = [
    numberParameter(golden, 'labelWeight'),
    numberParameter(golden, 'hintWeight'),
  ];
  const ofTask = () => task.losses(student, targets);
  const hint = () => logitLosses(student, teacher);
  const total = () =>
    tf.add<tf.Scalar>(
      tf.mul(meanOverLabelled(ofTask(), data.length), labelWeight),
      tf.mul(tf.mean(hint()), hintWeight),
    );
  const { value, grads } = differentiate(total, tensors, ['student']);
  const answers = new Float32Array(await numbersOf(student));
  return {
    loss: (await numbersOf(value))[0]!,
    // They add up to the batch times the loss.
    perSample: await numbersOf(
      tf.add(tf.mul(ofTask(), (labelWeight * rows) / data.length), tf.mul(hint(), hintWeight)),
    ),
    outputs: {
      hint: hint(),
      meanAbsoluteError: [task.measure(answers, { values, width: 1, known }).scores['mae']!],
    },
    grads,
  };
};

export const cganKdUnits: Readonly<Record<string, Unit>> = {
  hinge,
  cdreLoss,
  cdrMlp,
  rejectionSampling,
  filter,
  filterRegression,
  regressionLoss,
};
