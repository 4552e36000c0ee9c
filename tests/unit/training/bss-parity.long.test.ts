/** Sixty steps of BSS, beside a loop in PyTorch that shares no code with the page's. */
import { beforeAll, expect, test } from 'vitest';
import { RandomStream } from '../../../src/random/streams';
import { python } from '../../support/pytorch';
import { useWasm } from '../../support/wasm-in-node';
import { pythonHead, ranHere, ranThere } from './parity';
import { tinyDataset, tinyRecipe } from './tiny';

beforeAll(useWasm);

const script = `${pythonHead}
student, teacher = mlp(given["student"]), mlp(given["teacher"])
for p in teacher:
    p.requires_grad_(False)
k = knobs[0]
T = k["temperature"]
low, high = given["range"]
optimiser = sgd(student)
losses, moved_images = [], 0

def entropy(z, zt):
    return -(torch.softmax(zt / T, 1) * torch.log_softmax(z / T, 1)).sum(1)

def attack_class(zt, u):
    p = torch.softmax(zt, 0)
    order = sorted(range(len(p)), key=lambda c: -p[c])[1:]
    left = u * sum(p[c] for c in order)
    for c in order:
        left = left - p[c]
        if left <= 0:
            return c
    return order[-1]

def attack(image, target):
    base = answer(teacher, image[None])[0].argmax().item()
    for _ in range(int(k["attackSteps"])):
        image = image.detach().requires_grad_()
        z = answer(teacher, image[None])[0][0]
        if z.argmax().item() != base:
            break
        (g,) = torch.autograd.grad(z[target] - z[base], image)
        with torch.no_grad():
            image = (image + k["eta"] * (z[base] - z[target] + 1e-4) * g / g.norm()).clamp(low, high)
    return image.detach()

for step, (rows, rate) in enumerate(zip(given["rows"], given["rates"])):
    e = step / len(given["rows"])
    images, labels = x[rows], y[rows]
    z, _ = answer(student, images)
    with torch.no_grad():
        zt, _ = answer(teacher, images)
        ps, pt = torch.softmax(z, 1), torch.softmax(zt, 1)
        distance = (pt - ps).square()
        distance[range(len(rows)), labels] = 0
        distance = distance.sum(1)
    right = [i for i in range(len(rows)) if z[i].argmax() == labels[i] and zt[i].argmax() == labels[i]]
    n = int(k["attacked"])
    if len(right) > n:
        right = sorted(right, key=lambda i: -distance[i])[:n]
    r1 = k["r1Start"] + (k["r1End"] - k["r1Start"]) * e
    r2 = max(k["r2Start"] * (1 - e * 100 / k["offAt"]), 0)
    hint = r1 * entropy(z, zt).mean()
    if right:
        moved = torch.stack([attack(images[i], attack_class(zt[i], u)) for i, u in zip(right, given["uniforms"][step])])
        with torch.no_grad():
            border, _ = answer(teacher, moved)
        hint = hint + r2 * entropy(answer(student, moved)[0], border).mean()
        moved_images += len(right)
    ce = F.cross_entropy(z, labels)
    optimiser.param_groups[0]["lr"] = rate
    optimiser.zero_grad()
    (options["ceWeight"] * ce + given["weights"][0] * hint).backward()
    optimiser.step()
    losses.append([ce.item(), hint.item()])
print(json.dumps({"losses": losses, "moved": moved_images,
                  "student": [p.detach().reshape(-1).tolist() for p in student]}))
`;

test.skipIf(!python)('losses of every step and the weights at the end are those of PyTorch', async () => {
  const steps = 60;
  const attacked = 6;
  const recipe = tinyRecipe({
    teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-24', epochs: 3, batch: 20 } },
    student: { network: 'mlp-16' },
    hints: [{ id: 'bss', weight: 0.5, knobs: { attacked } }],
    objective: { control: false },
    schedule: { steps, batch: 16, evaluateEvery: steps, optimiser: 'sgd', learningRate: 0.02 },
  });
  const { given, told, student, range } = await ranHere(recipe, tinyDataset());
  const uniforms = told.map((_, i) => {
    const random = RandomStream.fork(recipe.seed, `hint/bss/${i + 1}`);
    return Array.from({ length: attacked }, () => random.uniform());
  });
  const there = await ranThere<{ losses: [number, number][]; moved: number; student: number[][] }>(script, {
    ...given,
    range: [range.low[0], range.high[0]],
    uniforms,
  });
  const relative = told.flatMap(({ values: { ce, bss } }, i) => {
    const [a, b] = there.losses[i]!;
    return [Math.abs(ce! - a) / a, Math.abs(bss! - b) / b];
  });
  expect(Math.max(...relative)).toBeLessThan(1e-3);
  expect(there.moved).toBeGreaterThan(3 * steps);
  ['layers.0.weight', 'layers.0.bias', 'fc.weight', 'fc.bias'].forEach((name, place) => {
    const { data } = student.find((entry) => entry.name === name)!;
    const off = there.student[place]!.map((value, i) => Math.abs(value - data[i]!));
    expect(Math.max(...off), name).toBeLessThan(1e-3);
  });
});
