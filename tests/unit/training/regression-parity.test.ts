/** Sixty steps of a regression with a teacher, beside a loop in PyTorch that shares no code with the page's. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onlyView } from '../../../src/data/dataset';
import { BatchOrder } from '../../../src/distill/material/order';
import { Network } from '../../../src/nn/network';
import { readSafetensors } from '../../../src/nn/safetensors';
import { RandomStream } from '../../../src/random/streams';
import { planRun } from '../../../src/training/plan';
import { python, startPyTorch } from '../../support/pytorch';
import { hands } from '../../support/task-sets';
import { useWasm } from '../../support/wasm-in-node';
import { ofType, tinyRecipe, train } from './tiny';

const script = `
import json, sys
import torch

given = json.load(open(sys.argv[1]))
x = torch.tensor(given["inputs"]).reshape(len(given["angles"]), -1) / 255
x = (x - x.mean()) / x.std(unbiased=False)
y = torch.tensor(given["angles"])
y = (y - y.mean()) / y.std(unbiased=False)

def network(weights):
    named = {w["name"]: torch.tensor(w["data"]).reshape(w["shape"]) for w in weights}
    return [named[n].requires_grad_() for n in ("layers.0.weight", "layers.0.bias", "fc.weight", "fc.bias")]

def answer(parameters, batch):
    a, b, c, d = parameters
    return (torch.relu(batch @ a.T + b) @ c.T + d)[:, 0]

student, teacher = network(given["student"]), network(given["teacher"])
options = given["options"]
optimiser = torch.optim.SGD(student, lr=0.1, momentum=options["momentum"], nesterov=options["nesterov"],
                            weight_decay=options["weightDecay"])
losses = []
for rows, rate in zip(given["rows"], given["rates"]):
    z = answer(student, x[rows])
    with torch.no_grad():
        t = answer(teacher, x[rows])
    mse, hint = ((z - y[rows]) ** 2).mean(), ((z - t) ** 2).mean()
    optimiser.param_groups[0]["lr"] = rate
    optimiser.zero_grad()
    (options["ceWeight"] * mse + options["weight"] * hint).backward()
    optimiser.step()
    losses.append([mse.item(), hint.item()])
print(json.dumps({"losses": losses, "student": [p.detach().reshape(-1).tolist() for p in student]}))
`;

let folder: string;
beforeAll(async () => {
  await useWasm();
  folder = await mkdtemp(join(tmpdir(), 'parity-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.skipIf(!python)('losses of every step and the weights at the end are those of PyTorch', async () => {
  const steps = 60;
  const weight = 0.5;
  const recipe = tinyRecipe({
    teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-24', epochs: 3, batch: 20 } },
    student: { network: 'mlp-16' },
    hints: [{ id: 'logits', weight }],
    weighting: { id: 'fixed' },
    objective: { control: false },
    schedule: { steps, batch: 16, evaluateEvery: steps, optimiser: 'sgd', learningRate: 0.02 },
  });
  const dataset = hands(120, 8);
  const { run, events } = await train(recipe, dataset);
  const [student, teacher] = await Promise.all([run.weights('student'), run.weights('teacher')]);
  run.dispose();
  const { material, input, outputs } = planRun(recipe, dataset);
  const first = Network.create('mlp-16', input, outputs, RandomStream.fork(recipe.seed, 'init/student'));
  const start = await first.module.exportState();
  first.dispose();
  const plain = (state: typeof start) =>
    state.map(({ data, ...rest }) => ({ ...rest, data: Array.from(data) }));
  const told = ofType(events, 'step').filter(({ phase }) => phase === 'student');
  expect(told).toHaveLength(steps);
  const order = new BatchOrder(material.labelled, 16, RandomStream.fork(recipe.seed, 'order/labelled'));
  const { momentum, nesterov, weightDecay } = recipe.schedule;
  const given = {
    inputs: Array.from(dataset.train.inputs[onlyView]!.values),
    angles: Array.from(dataset.train.targets.values),
    rows: told.map(() => Array.from(order.next())),
    rates: told.map(({ learningRate }) => learningRate),
    student: plain(start),
    teacher: plain(readSafetensors(new Uint8Array(teacher!))),
    options: { momentum, nesterov, weightDecay, ceWeight: recipe.objective.ceWeight, weight },
  };
  await writeFile(join(folder, 'given.json'), JSON.stringify(given));
  await writeFile(join(folder, 'loop.py'), script);
  const pytorch = startPyTorch();
  const printed = await pytorch
    .run(join(folder, 'loop.py'), join(folder, 'given.json'))
    .finally(() => pytorch.end());
  const there = JSON.parse(printed) as { losses: [number, number][]; student: number[][] };
  const relative = told.flatMap(({ values: { mse, logits } }, i) => {
    const [a, b] = there.losses[i]!;
    return [Math.abs(mse! - a) / a, Math.abs(logits! - b) / b];
  });
  expect(Math.max(...relative)).toBeLessThan(1e-4);
  expect(there.losses.at(-1)![0]).toBeLessThan(0.8 * there.losses[0]![0]);
  const names = ['layers.0.weight', 'layers.0.bias', 'fc.weight', 'fc.bias'];
  const here = readSafetensors(new Uint8Array(student!));
  names.forEach((name, place) => {
    const { data } = here.find((entry) => entry.name === name)!;
    const off = there.student[place]!.map((value, i) => Math.abs(value - data[i]!));
    expect(Math.max(...off), name).toBeLessThan(1e-4);
  });
});
