/** Computes what an ONNX model shows of a whole set, as files of a recorded teacher. */
import type { Dataset } from '../../data/dataset';
import { roomForSafetensors, writeSafetensors, type StoredArray } from '../../nn/safetensors';
import { mapsEnding } from '../answers/recorded-maps';
import { metadataOf } from '../answers/recorded-set';
import { AskedModel } from './asked';
import {
  keptShape,
  mapBytes,
  megabytes,
  mostMapBytes,
  scalingText,
  type Inner,
  type OnnxChoices,
} from './about';
import { fitNotes, inputOf } from './feed';
import { asKept, channelOrders, innerOf } from './inner';
import { answersOf, momentsOf } from './judge';
import type { ModelFiles, Pause } from './inspect';
import { OnnxProblem, withOutputs, type OnnxModel } from './model-file';
import type { OpenSession } from './runtime';

interface AnswerFiles {
  files: { path: string; bytes: Uint8Array<ArrayBuffer> }[];
  /** On how it was asked. */
  note: string;
}

/** Names of arrays say what is in them (`answers/answer-words.ts`). */
const words = { logits: 'logits', 'log-probabilities': 'logprobs', probabilities: 'probabilities' };

/** @throws OnnxProblem with a sentence */
export async function answerFiles(
  { path, bytes, beside, model }: ModelFiles,
  choices: OnnxChoices,
  dataset: Dataset,
  open: OpenSession,
  pause: Pause,
): Promise<AnswerFiles> {
  const { fit, scaling, output, unit, stages, embedding, side } = choices;
  const { train, test, target } = dataset;
  const inner = [...stages, ...(embedding === null ? [] : [embedding])];
  const given = new Set(model.outputs.map(({ name }) => name));
  await pause('Opening the model…', null);
  const further = [...new Set(inner)].filter((name) => !given.has(name));
  const session = await open(further.length > 0 ? withOutputs(bytes, further) : bytes, beside);
  try {
    const asked = new AskedModel(session, dataset, inputOf(model.inputs), { fit, scaling });
    const features =
      inner.length > 0 ? await featuresOf(asked, inner, { model, dataset, side }) : new Map<string, Inner>();
    const all = (count: number) => Int32Array.from({ length: count }, (_, row) => row);
    const total = train.count + test.count;
    const named = [
      ...stages.map((name, k) => ({ of: name, name: `stages.${k}` })),
      ...(embedding === null ? [] : [{ of: embedding, name: 'embedding' }]),
    ];
    const maps = roomForSafetensors(
      named.map(({ of, name }) => ({ name, shape: [total, ...keptShape(features.get(of)!, side)] })),
    );
    const began = performance.now();
    const found = await asked.answers(
      [train, test].map((split) => ({ split, rows: all(split.count) })),
      [...new Set([output, ...inner])],
      (name, rows) => {
        const feature = features.get(name);
        return feature
          ? {
              shape: keptShape(feature, side),
              values: asKept(feature, rows.values, side),
              into: maps.values.get(named.find(({ of }) => of === name)!.name),
            }
          : rows;
      },
      (done) => pause(progressText(done, total, began), done / total),
    );
    const said = found[output];
    if (!said) throw new OnnxProblem(`“${output}” gives no numbers.`);
    const width = said.shape.reduce((product, side) => product * side, 1);
    const answers = answersOf(said, width, target, unit, momentsOf(dataset));
    const word = target.kind === 'number' ? 'numbers' : words[answers.kind];
    const outputs = target.names.length;
    const values = Float32Array.from(answers.values);
    const place = train.count * outputs;
    const tables: StoredArray[] = [
      { name: `train_${word}`, shape: [train.count, outputs], data: values.subarray(0, place) },
      { name: `test_${word}`, shape: [test.count, outputs], data: values.subarray(place) },
    ].filter(({ data }) => data.length > 0);
    // A value that stands for two is there twice.
    for (const { of, name } of named) {
      const own = maps.values.get(name)!;
      if (own !== found[of]!.values) own.set(found[of]!.values);
    }
    return {
      files: [
        { path: `${path} answers.safetensors`, bytes: writeSafetensors(tables, await metadataOf(dataset)) },
        ...(named.length > 0 ? [{ path: `${path}${mapsEnding}`, bytes: maps.bytes }] : []),
      ],
      note: [
        `onnxruntime-web asked it once about each instance of the set; its input is given ${scalingText(scaling)}.`,
        ...fitNotes(fit, dataset),
      ].join(' '),
    };
  } finally {
    await session.release();
  }
}

/** The values that feature losses are to see, by name. @throws OnnxProblem where one is none, or they are too large */
async function featuresOf(
  asked: AskedModel,
  names: readonly string[],
  { model, dataset, side }: { model: OnnxModel; dataset: Dataset; side: number | null },
): Promise<Map<string, Inner>> {
  const shapes = await asked.shapes(dataset.train, names);
  const orders = channelOrders(model);
  const inner = names.map((name): Inner => {
    const found = shapes[name] && innerOf(name, shapes[name], model, orders);
    if (!found) throw new OnnxProblem(`“${name}” is no feature of this model. Choose another one.`);
    return found;
  });
  const rows = dataset.train.count + dataset.test.count;
  const bytes = mapBytes(inner, rows, side);
  if (bytes > mostMapBytes)
    throw new OnnxProblem(
      `These features of ${rows.toLocaleString('en-GB')} instances would take ${megabytes(bytes)}; at most ${megabytes(mostMapBytes)} are kept. Choose fewer, or average them to fewer places.`,
    );
  return new Map(inner.map((one) => [one.name, one]));
}

function progressText(done: number, total: number, began: number): string {
  const left = ((performance.now() - began) / done) * (total - done);
  const seconds = Math.ceil(left / 1000);
  const time = seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `The model answers: ${done.toLocaleString('en-GB')} of ${total.toLocaleString('en-GB')}, about ${time} left`;
}
