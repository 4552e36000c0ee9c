/** Looks at an ONNX model for a set: what it reads, how it is best given its input, and what it could show beside answers. */
import { pickTargets, targetsOf, type Dataset } from '../../data/dataset';
import { RandomStream } from '../../random/streams';
import { AskedModel, type Rows, type SplitRows } from './asked';
import {
  isOnnx,
  layoutText,
  type Fit,
  type Inner,
  type OnnxFound,
  type Tried,
  type Unit,
  type Way,
} from './about';
import { fitNotes, fitsOf, fixedBatch, inputOf, scalingsOf, usualSize } from './feed';
import { channelOrders, innerNames, innerOf, proposalOf } from './inner';
import { answersOf, canAnswer, fitnessOf, momentsOf, type Fitness } from './judge';
import { OnnxProblem, readModel, withOutputs, type OnnxModel, type Port } from './model-file';
import { isRead, type Beside, type OpenSession } from './runtime';

/** Files as they were chosen: one model, and what holds its weights. */
export interface ModelFiles {
  path: string;
  bytes: Uint8Array;
  beside: Beside[];
  model: OnnxModel;
}

/** Called between batches; waits for messages, and throws when the work is to end. */
export type Pause = (text: string, share: number | null) => Promise<void>;

/** Training instances that the ways are tried on, and milliseconds that this may take. */
const tried = 256;
const patience = 12_000;

/** @throws OnnxProblem where there is no model among the files, or a part of it is missing */
export function modelFilesOf(files: readonly { path: string; bytes: Uint8Array }[]): ModelFiles {
  const models = files.filter(isOnnx);
  const [first] = models;
  if (!first || models.length > 1)
    throw new OnnxProblem(
      `${models.length} ONNX models were chosen. Choose one, with the files that hold its weights if it has any.`,
    );
  const { path, bytes } = first;
  const model = readModel(path, bytes);
  const plain = (name: string) => name.split(/[\\/]/).at(-1)!;
  const beside = model.beside.map((location): Beside => {
    const found = files.find((file) => plain(file.path) === plain(location));
    if (!found)
      throw new OnnxProblem(
        `The weights of “${path}” lie in a file of their own, “${plain(location)}”, which is not among the chosen ones. Choose both together.`,
      );
    return { path: location, data: found.bytes };
  });
  return { path, bytes, beside, model };
}

/** @throws OnnxProblem with a sentence when the model cannot teach on this set */
export async function inspectModel(
  { path, bytes, beside, model }: ModelFiles,
  dataset: Dataset,
  open: OpenSession,
  pause: Pause,
): Promise<OnnxFound> {
  const input = inputOf(model.inputs);
  const fits = fitsOf(input, dataset);
  const readable = model.outputs.filter(({ type }) => isRead(type) || type === 'nothing known');
  if (readable.length === 0) throw noNumbers(model.outputs);
  await pause('Opening the model…', null);
  const session = await open(bytes, beside);
  try {
    const names = readable.map(({ name }) => name);
    const found = await tryWays({ fits, input, names, dataset }, session, pause);
    await pause('Looking inside the model…', null);
    const { inner, note } = await lookInside(
      { path, bytes, beside, model },
      { dataset, input, way: found.tried[0]! },
      found.outputs[0]!,
      open,
    );
    const { notes, ...rest } = found;
    const rows = dataset.train.count + dataset.test.count;
    return {
      ...rest,
      name: path,
      inner,
      proposal: proposalOf(inner, model, found.outputs[0]!, rows),
      rows,
      notes: [...notes, ...note],
    };
  } finally {
    await session.release();
  }
}

interface Trial {
  fits: Fit[];
  input: Port;
  names: string[];
  dataset: Dataset;
}

type Session = Awaited<ReturnType<OpenSession>>;

async function tryWays(
  { fits, input, names, dataset }: Trial,
  session: Session,
  pause: Pause,
): Promise<Pick<OnnxFound, 'tried' | 'sample' | 'outputs' | 'pace' | 'notes'>> {
  const { train, target } = dataset;
  const known = Int32Array.from(train.known.keys()).filter((row) => train.known[row] === 1);
  const shuffled = RandomStream.fork(0, 'tried').shuffle(known);
  const first = await firstLook({ fits, input, names, dataset }, shuffled.subarray(0, 4), session);
  const ways = first.fits.flatMap((fit) =>
    scalingsOf(dataset, input, fit).map((scaling): Way => ({ fit, scaling })),
  );
  const asking = { dataset, input, way: ways[0]! };
  const pace = await paceOf(session, asking, shuffled.subarray(0, 16), first.outputs);
  const count = Math.max(16, Math.min(tried, Math.floor(patience / (pace * ways.length))));
  const rows = shuffled.slice(0, count).sort();
  const moments = momentsOf(dataset);
  const units: Unit[] = target.kind === 'number' ? ['own', 'standardised'] : ['own'];
  const targets = pickTargets(targetsOf(train), rows);
  const output = first.outputs[0]!;
  const results: (Tried & Fitness)[] = [];
  for (const [w, way] of ways.entries()) {
    const said = await answered(
      session,
      { dataset, input, way },
      [{ split: train, rows }],
      [output],
      (done) =>
        pause(
          `Trying how the model reads its input, ${w + 1} of ${ways.length}…`,
          (w + done / rows.length) / ways.length,
        ),
    );
    for (const unit of units)
      results.push({ ...way, unit, ...judged(said?.[output], unit, { target, targets, moments }) });
  }
  const sorted = results.toSorted((a, b) => b.score - a.score || a.loss - b.loss);
  if (sorted[0]!.score === -Infinity)
    throw new OnnxProblem('This model answers with numbers that are not finite, however its input is given.');
  const best = sorted[0]!;
  return {
    tried: sorted.map(({ fit, scaling, unit, score }) => ({
      fit,
      scaling,
      unit,
      score: Number.isFinite(score) ? score : null,
    })),
    sample: rows.length,
    outputs: first.outputs,
    pace,
    notes: [
      ...fitNotes(best.fit, dataset),
      ...(best.fit.layout === 'columns' ? [] : [`It reads ${layoutText(best.fit.layout)}.`]),
      ...((fixedBatch(input) ?? 0) > 0
        ? [`Its file fixes the batch: it is asked for ${fixedBatch(input)} at a time.`]
        : []),
    ],
  };
}

function judged(
  said: Rows | undefined,
  unit: Unit,
  {
    target,
    targets,
    moments,
  }: {
    target: Dataset['target'];
    targets: ReturnType<typeof pickTargets>;
    moments: ReturnType<typeof momentsOf>;
  },
): Fitness {
  const none = { score: -Infinity, loss: Infinity };
  if (!said) return none;
  try {
    return fitnessOf(answersOf(said, sizeOf(said.shape), target, unit, moments), target.kind, targets);
  } catch (error) {
    // Numbers that overflow are of an input that was given in another way.
    if (error instanceof OnnxProblem) return none;
    throw error;
  }
}

interface Asking {
  dataset: Dataset;
  input: Port;
  way: Way;
}

const answered = (
  session: Session,
  { dataset, input, way }: Asking,
  parts: readonly SplitRows[],
  names: readonly string[],
  each?: (done: number) => Promise<void>,
) => new AskedModel(session, dataset, input, way).answers(parts, names, undefined, each);

/** Which outputs can be answers, and which orders and sizes of the input the graph takes. */
async function firstLook(
  { fits, input, names, dataset }: Trial,
  rows: Int32Array,
  session: Session,
): Promise<{ outputs: string[]; fits: Fit[] }> {
  const parts = [{ split: dataset.train, rows }];
  const taken: Fit[] = [];
  let outputs: string[] = [];
  let problem: unknown = null;
  const look = async (fit: Fit) => {
    try {
      const way = { fit, scaling: scalingsOf(dataset, input, fit)[0]! };
      const found = await answered(session, { dataset, input, way }, parts, names);
      outputs = outputsAmong(found, dataset);
      taken.push(fit);
    } catch (error) {
      problem ??= error;
    }
  };
  for (const fit of fits) await look(fit);
  for (const fit of taken.length > 0 ? [] : fits.flatMap((one) => usualSize(one, input) ?? []))
    await look(fit);
  if (taken.length === 0) throw problem;
  return { outputs, fits: taken };
}

/** @throws OnnxProblem where none has the numbers that the set asks for */
function outputsAmong(found: Record<string, Rows>, { target }: Dataset): string[] {
  const widths = Object.entries(found).map(([name, { shape }]) => ({ name, width: sizeOf(shape) }));
  const fitting = widths.filter(({ width }) => canAnswer(width, target));
  if (fitting.length === 0) throw otherWidth(widths, target);
  const rank = (name: string) => (/logit/i.test(name) ? 0 : /prob|softmax/i.test(name) ? 2 : 1);
  return fitting.map(({ name }) => name).toSorted((a, b) => rank(a) - rank(b));
}

async function paceOf(
  session: Session,
  asking: Asking,
  rows: Int32Array,
  outputs: readonly string[],
): Promise<number> {
  const began = performance.now();
  await answered(session, asking, [{ split: asking.dataset.train, rows }], outputs);
  return Math.max(1e-3, (performance.now() - began) / Math.max(1, rows.length));
}

/** Every value of the graph that feature losses can read, found by asking for all of them once. */
async function lookInside(
  { bytes, beside, model }: ModelFiles,
  asking: Asking,
  answer: string,
  open: OpenSession,
): Promise<{ inner: Inner[]; note: string[] }> {
  const further = innerNames(model);
  const given = model.outputs.filter(({ type }) => isRead(type)).map(({ name }) => name);
  const names = [...further, ...given.filter((name) => name !== answer)];
  try {
    const session = await open(withOutputs(bytes, further), beside);
    try {
      const { dataset, input, way } = asking;
      const shapes = await new AskedModel(session, dataset, input, way).shapes(dataset.train, names);
      const orders = channelOrders(model);
      const inner = names.flatMap((name) => {
        const shape = shapes[name];
        return (shape && innerOf(name, shape, model, orders)) ?? [];
      });
      return { inner, note: [] };
    } finally {
      await session.release();
    }
  } catch (error) {
    if (!(error instanceof OnnxProblem)) throw error;
    return {
      inner: [],
      note: ['What goes on inside it cannot be shown, so it teaches by its answers alone.'],
    };
  }
}

function noNumbers(ports: readonly Port[]): OnnxProblem {
  const odd = ports.map(({ name, type }) => `“${name}” is ${type}`).join(', ');
  return new OnnxProblem(
    `No output of this model is an array of numbers: ${odd}. Of scikit-learn export with options={'zipmap': False}.`,
  );
}

function otherWidth(
  widths: readonly { name: string; width: number }[],
  { names, kind }: Dataset['target'],
): OnnxProblem {
  const count = names.length;
  const [wanted, trained] =
    kind === 'class'
      ? [`${count} classes`, 'these classes']
      : kind === 'labels'
        ? [`${count} labels`, 'these labels']
        : [count === 1 ? 'one number as its target' : `${count} numbers as its target`, 'such a target'];
  const given = widths.map(({ width }) => width.toLocaleString('en-GB')).join(' or ') || 'no';
  return new OnnxProblem(
    `This model gives ${given} ${given === '1' ? 'number' : 'numbers'} for an instance, and this set has ${wanted}. Take a model that was trained for ${trained}.`,
  );
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);
