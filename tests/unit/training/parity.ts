/** A run of the page beside a loop in PyTorch that shares no code with it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onlyView, type Dataset } from '../../../src/data/dataset';
import { BatchOrder } from '../../../src/distill/material/order';
import type { Recipe } from '../../../src/distill/recipe';
import { Network } from '../../../src/nn/network';
import { readSafetensors } from '../../../src/nn/safetensors';
import { RandomStream } from '../../../src/random/streams';
import { feedsOf, planRun } from '../../../src/training/plan';
import { createHints } from '../../../src/training/run-factories';
import { startPyTorch } from '../../support/pytorch';
import { ofType, train } from './tiny';

export interface PlainTensor {
  name: string;
  shape: readonly number[];
  data: number[];
}

interface State {
  name: string;
  shape: readonly number[];
  data: ArrayLike<number>;
}
export const plain = (state: readonly State[]): PlainTensor[] =>
  state.map(({ name, shape, data }) => ({ name, shape, data: Array.from(data) }));

/** What a loop in PyTorch is given: data, batches, rates and first values, and what the page's run made of them. */
export async function ranHere(recipe: Recipe, dataset: Dataset) {
  const { run, events } = await train(recipe, dataset);
  const [student, teacher] = await Promise.all([run.weights('student'), run.weights('teacher')]);
  run.dispose();
  const failed = ofType(events, 'failed')[0];
  if (failed) throw new Error(failed.message);
  const plan = planRun(recipe, dataset);
  const { network } = recipe.student;
  const first = Network.create(
    network,
    plan.input,
    plan.outputs,
    RandomStream.fork(recipe.seed, 'init/student'),
  );
  const start = await first.module.exportState();
  first.dispose();
  const hints = createHints(plan, null);
  const ofHints = await Promise.all(
    hints.map(async ({ module, memory = [] }) => ({
      module: module ? plain(await module.exportState()) : [],
      memory: await Promise.all(
        memory.map(async (variable) => ({
          name: variable.name,
          shape: variable.shape,
          data: Array.from(await variable.data()),
        })),
      ),
    })),
  );
  hints.forEach((hint) => hint.dispose());
  const told = ofType(events, 'step').filter(({ phase }) => phase === 'student');
  const order = new BatchOrder(
    plan.material.labelled,
    recipe.schedule.batch,
    RandomStream.fork(recipe.seed, 'order/labelled'),
  );
  const { momentum, nesterov, weightDecay } = recipe.schedule;
  const { train: rows } = dataset;
  return {
    told,
    student: readSafetensors(new Uint8Array(student!)),
    /** Of a normalised pixel. */
    range: plan.source.range(feedsOf(plan).student.normalisation),
    given: {
      inputs: Array.from(rows.inputs[onlyView]!.values),
      targets: Array.from(rows.targets.values),
      classes: plan.outputs,
      pool: Array.from(plan.material.labelled),
      rows: told.map(() => Array.from(order.next())),
      rates: told.map(({ learningRate }) => learningRate),
      student: plain(start),
      teacher: teacher ? plain(readSafetensors(new Uint8Array(teacher))) : [],
      hints: ofHints,
      knobs: recipe.hints.map(({ knobs }) => knobs),
      weights: recipe.hints.map(({ weight }) => weight),
      options: { momentum, nesterov, weightDecay, ceWeight: recipe.objective.ceWeight },
    },
  };
}

/** What a script prints as JSON, when it is given the path of `given` as a file. */
export async function ranThere<T>(script: string, given: unknown): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'parity-'));
  const pytorch = startPyTorch();
  try {
    await writeFile(join(folder, 'given.json'), JSON.stringify(given));
    await writeFile(join(folder, 'loop.py'), script);
    return JSON.parse(await pytorch.run(join(folder, 'loop.py'), join(folder, 'given.json'))) as T;
  } finally {
    pytorch.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Python: `given`, `x` [N,D] normalised, `y` [N], and an mlp of one hidden layer that answers with its embedding. */
export const pythonHead = `
import json, sys
import torch
import torch.nn.functional as F

given = json.load(open(sys.argv[1]))
y = torch.tensor(given["targets"])
x = torch.tensor(given["inputs"], dtype=torch.float32).reshape(len(y), -1) / 255
x = (x - x.mean()) / x.std(unbiased=False)
options, knobs = given["options"], given["knobs"]

def tensors(entries):
    return {e["name"]: torch.tensor(e["data"], dtype=torch.float32).reshape(e["shape"]) for e in entries}

def mlp(entries):
    named = tensors(entries)
    return [named[n].requires_grad_() for n in ("layers.0.weight", "layers.0.bias", "fc.weight", "fc.bias")]

def answer(parameters, batch):
    a, b, c, d = parameters
    hidden = torch.relu(batch @ a.T + b)
    return hidden @ c.T + d, hidden

def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.1, momentum=options["momentum"], nesterov=options["nesterov"],
                           weight_decay=options["weightDecay"])
`;
