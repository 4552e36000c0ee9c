/** Sixty steps of Holistic KD, beside a loop in PyTorch that shares no code with the page's. */
import { beforeAll, expect, test } from 'vitest';
import { python } from '../../support/pytorch';
import { useWasm } from '../../support/wasm-in-node';
import { pythonHead, ranHere, ranThere } from './parity';
import { tinyDataset, tinyRecipe } from './tiny';

beforeAll(useWasm);

const script = `${pythonHead}
student, teacher = mlp(given["student"]), mlp(given["teacher"])
start = tensors(given["hints"][0]["module"])
layers = {name: value.requires_grad_() for name, value in start.items()}
bank_s, bank_t = [torch.tensor(m["data"]).reshape(m["shape"]) for m in given["hints"][0]["memory"][:2]]
k, tau, momentum, smoothing = (knobs[0][n] for n in ("neighbours", "tau", "momentum", "smoothing"))
place = {row: p for p, row in enumerate(given["pool"])}
pool_classes = y[given["pool"]]

def layer(name, value):
    return F.normalize(value @ layers[name + ".weight"].T + layers[name + ".bias"])

def mixed(name, embeddings, logits):
    p = F.normalize(torch.softmax(logits.detach(), 1))
    distances = 1 - p @ p.T
    distances.fill_diagonal_(-1)
    near = distances.topk(k, largest=False).indices
    return layer(name, torch.cat([embeddings, embeddings[near].mean(1)], 1))

def nce(anchors, positives, bank, others):
    own = (anchors * positives).sum(1) / tau
    losses = []
    for a, p, o in zip(anchors, own, others):
        scores = torch.cat([p[None], bank[o] @ a / tau])
        losses.append(torch.logsumexp(scores, 0) - p)
    return torch.stack(losses)

parameters = student + list(layers.values())
optimiser = sgd(parameters)
losses = []
for rows, rate in zip(given["rows"], given["rates"]):
    z, s = answer(student, x[rows])
    with torch.no_grad():
        zt, t = answer(teacher, x[rows])
    index = [place[row] for row in rows]
    others = pool_classes[None] != y[rows][:, None]
    es, et = layer("embedStudent", s), layer("embedTeacher", t)
    gs, gt = mixed("graphStudent", es, z), mixed("graphTeacher", et, zt)
    smooth = lambda row, graph: F.normalize(smoothing * row + (1 - smoothing) * graph.detach())
    hint = (nce(es, bank_t[index], bank_s, others) + nce(et, bank_s[index], bank_t, others)
            + nce(gs, smooth(bank_t[index], gt), bank_s, others)
            + nce(gt, smooth(bank_s[index], gs), bank_t, others)).mean()
    ce = F.cross_entropy(z, y[rows])
    optimiser.param_groups[0]["lr"] = rate
    optimiser.zero_grad()
    (options["ceWeight"] * ce + given["weights"][0] * hint).backward()
    optimiser.step()
    with torch.no_grad():
        bank_s[index] = F.normalize(momentum * bank_s[index] + (1 - momentum) * es)
        bank_t[index] = F.normalize(momentum * bank_t[index] + (1 - momentum) * et)
    losses.append([ce.item(), hint.item()])
print(json.dumps({"losses": losses, "student": [p.detach().reshape(-1).tolist() for p in student]}))
`;

test.skipIf(!python)('losses of every step and the weights at the end are those of PyTorch', async () => {
  const steps = 60;
  const recipe = tinyRecipe({
    teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-24', epochs: 3, batch: 20 } },
    student: { network: 'mlp-16' },
    hints: [{ id: 'holistic', weight: 0.5, knobs: { width: 12, neighbours: 5 } }],
    objective: { control: false },
    schedule: { steps, batch: 16, evaluateEvery: steps, optimiser: 'sgd', learningRate: 0.02 },
  });
  const { given, told, student } = await ranHere(recipe, tinyDataset());
  expect(told).toHaveLength(steps);
  const there = await ranThere<{ losses: [number, number][]; student: number[][] }>(script, given);
  const relative = told.flatMap(({ values: { ce, holistic } }, i) => {
    const [a, b] = there.losses[i]!;
    return [Math.abs(ce! - a) / a, Math.abs(holistic! - b) / b];
  });
  expect(Math.max(...relative)).toBeLessThan(1e-3);
  expect(there.losses.at(-1)![1]).toBeLessThan(0.8 * there.losses[0]![1]);
  ['layers.0.weight', 'layers.0.bias', 'fc.weight', 'fc.bias'].forEach((name, place) => {
    const { data } = student.find((entry) => entry.name === name)!;
    const off = there.student[place]!.map((value, i) => Math.abs(value - data[i]!));
    expect(Math.max(...off), name).toBeLessThan(1e-3);
  });
});
