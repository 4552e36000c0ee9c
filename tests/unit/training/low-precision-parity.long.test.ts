/** Sixty steps of a student in low precision with a teacher, beside a loop in PyTorch that shares no code with the page's. */
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
import { useWasm } from '../../support/wasm-in-node';
import { ofType, tinyDataset, tinyRecipe, train } from './tiny';

const script = `
import json, sys
import torch
import torch.nn.functional as F

given = json.load(open(sys.argv[1]))
torch.set_default_dtype(torch.float64)
x = torch.tensor(given["images"]).reshape(len(given["labels"]), 1, 8, 8) / 255
x = (x - x.mean()) / x.std(unbiased=False)
y = torch.tensor(given["labels"])

def state(weights):
    return {w["name"]: torch.tensor(w["data"], dtype=torch.float64).reshape(w["shape"]) for w in weights}

def through(x, rounded):
    return x + (rounded - x).detach()

def kernel(w):
    s = w.detach().abs().max()
    return through(w, s * torch.round(w / s))

def activation(x):
    return through(x.clamp(0, 1), torch.round(x.clamp(0, 1) * 15) / 15)

def answer(p, batch, training, low):
    for block in range(3):
        if block > 0:
            batch = F.max_pool2d(batch, 2)
        w = p[f"blocks.{block}.0.weight"]
        batch = F.conv2d(batch, kernel(w) if low and block > 0 else w, padding=1)
        named = [p[f"blocks.{block}.1.{n}"] for n in ("running_mean", "running_var", "weight", "bias")]
        batch = F.batch_norm(batch, *named, training=training)
        batch = activation(batch) if low and block < 2 else torch.relu(batch)
    return batch.mean((2, 3)) @ p["fc.weight"].T + p["fc.bias"]

student, teacher = state(given["student"]), state(given["teacher"])
trained = [n for n in student if "running" not in n]
for n in trained:
    student[n].requires_grad_()
options = given["options"]
optimiser = torch.optim.SGD([student[n] for n in trained], lr=0.1, momentum=options["momentum"],
                            nesterov=options["nesterov"], weight_decay=options["weightDecay"])
losses = []
for rows, rate in zip(given["rows"], given["rates"]):
    z = answer(student, x[rows], True, True)
    with torch.no_grad():
        t = F.log_softmax(answer(teacher, x[rows], False, False), 1)
    ce = F.cross_entropy(z, y[rows])
    kl = (t.exp() * (t - F.log_softmax(z, 1))).sum(1).mean()
    optimiser.param_groups[0]["lr"] = rate
    optimiser.zero_grad()
    (0.5 * ce + 0.5 * kl).backward()
    optimiser.step()
    losses.append([ce.item(), kl.item()])
print(json.dumps({"losses": losses, "student": {n: student[n].detach().reshape(-1).tolist() for n in student}}))
`;

let folder: string;
beforeAll(async () => {
  await useWasm();
  folder = await mkdtemp(join(tmpdir(), 'parity-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.skipIf(!python)('losses of every step and the weights at the end are those of PyTorch', async () => {
  const steps = 60;
  const recipe = tinyRecipe({
    teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8-8', epochs: 3, batch: 20 } },
    student: { network: 'cnn-4-8-8', bitsWeights: '2', bitsActivations: '4', full: false },
    hints: [{ id: 'kd', weight: 0.5, knobs: { temperature: 1 } }],
    weighting: { id: 'fixed' },
    objective: { control: false, ceWeight: 0.5 },
    schedule: { steps, batch: 16, evaluateEvery: steps, optimiser: 'sgd', learningRate: 0.05 },
  });
  const dataset = tinyDataset();
  const { run, events } = await train(recipe, dataset);
  const [student, teacher] = await Promise.all([run.weights('student'), run.weights('teacher')]);
  run.dispose();
  const { material, input, outputs } = planRun(recipe, dataset);
  const first = Network.create('cnn-4-8-8', input, outputs, RandomStream.fork(recipe.seed, 'init/student'));
  const start = await first.module.exportState();
  first.dispose();
  const plain = (state: typeof start) =>
    state.map(({ data, ...rest }) => ({ ...rest, data: Array.from(data) }));
  const told = ofType(events, 'step').filter(({ phase }) => phase === 'student');
  expect(told).toHaveLength(steps);
  const order = new BatchOrder(material.labelled, 16, RandomStream.fork(recipe.seed, 'order/labelled'));
  const given = {
    images: Array.from(dataset.train.inputs[onlyView]!.values),
    labels: Array.from(dataset.train.targets.values),
    rows: told.map(() => Array.from(order.next())),
    rates: told.map(({ learningRate }) => learningRate),
    student: plain(start),
    teacher: plain(readSafetensors(new Uint8Array(teacher!))),
    options: recipe.schedule,
  };
  await writeFile(join(folder, 'given.json'), JSON.stringify(given));
  await writeFile(join(folder, 'loop.py'), script);
  const pytorch = startPyTorch();
  const printed = await pytorch
    .run(join(folder, 'loop.py'), join(folder, 'given.json'))
    .finally(() => pytorch.end());
  const there = JSON.parse(printed) as {
    losses: [number, number][];
    student: Record<string, number[]>;
  };
  const relative = told.flatMap(({ values: { ce, kd } }, i) => {
    const [a, b] = there.losses[i]!;
    return [Math.abs(ce! - a) / a, Math.abs(kd! - b) / b];
  });
  expect(Math.max(...relative)).toBeLessThan(1e-4);
  expect(there.losses.at(-1)![0]).toBeLessThan(0.5 * there.losses[0]![0]);
  for (const { name, data } of readSafetensors(new Uint8Array(student!))) {
    const off = there.student[name]!.map((value, i) => Math.abs(value - data[i]!));
    expect(Math.max(...off), name).toBeLessThan(1e-4);
  }
});
