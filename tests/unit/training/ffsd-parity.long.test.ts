/** Sixty steps of FFSD (leader, two common students, fusion, two converters), beside a loop in PyTorch. */
import { beforeAll, expect, test } from 'vitest';
import { Converter } from '../../../src/distill/hints/ffsd/converter';
import { fusedStudents } from '../../../src/distill/teachers/fusion/network';
import { planNetwork } from '../../../src/nn/describe';
import { Network } from '../../../src/nn/network';
import { RandomStream } from '../../../src/random/streams';
import { planRun } from '../../../src/training/plan';
import { python } from '../../support/pytorch';
import { useWasm } from '../../support/wasm-in-node';
import { plain, pythonHead, ranHere, ranThere } from './parity';
import { tinyDataset, tinyRecipe } from './tiny';

beforeAll(useWasm);

const script = `${pythonHead}
x = x.reshape(len(y), 1, 8, 8)
hint, teacher = given["knobs"][0], given["teacherKnobs"]

def trained(entries):
    named = tensors(entries)
    return {n: v if "running" in n else v.requires_grad_() for n, v in named.items()}

def bn(p, name, h):
    return F.batch_norm(h, None, None, p[name + ".weight"], p[name + ".bias"], training=True)

def cnn(p, prefix, h):
    stages = []
    for b in range(given["blocks"]):
        if b > 0:
            h = F.max_pool2d(h, 2)
        h = torch.relu(bn(p, f"{prefix}blocks.{b}.1", F.conv2d(h, p[f"{prefix}blocks.{b}.0.weight"], padding=1)))
        stages.append(h)
    return F.linear(h.mean((2, 3)), p[prefix + "fc.weight"], p[prefix + "fc.bias"]), stages

def mix(p, prefix, h):
    h = F.conv2d(h, p[prefix + "depthwise.weight"], padding=1, groups=h.shape[1])
    h = F.conv2d(torch.relu(bn(p, prefix + "bn1", h)), p[prefix + "pointwise.weight"])
    return torch.relu(bn(p, prefix + "bn2", h))

def convert(p, h, training):
    made = []
    for i in range(given["blocks"] - 1):
        h = F.conv_transpose2d(h, p[f"layer{i}.conv.weight"], stride=2, padding=1, output_padding=1)
        name = f"layer{i}.bn"
        h = torch.relu(F.batch_norm(h, p[name + ".running_mean"], p[name + ".running_var"], p[name + ".weight"],
                                    p[name + ".bias"], training=training, momentum=0.1))
        made.append(h)
    return made

def energy(h):
    return h.square().mean(1).flatten(1)

def att(a, b):
    return (F.normalize(energy(a)) - F.normalize(energy(b))).square().mean()

def kl(teacher_logits, own, T):
    return T * T * F.kl_div(torch.log_softmax(own / T, 1), torch.softmax(teacher_logits / T, 1), reduction="batchmean")

def elsewhere(h):
    a = energy(h)
    n = a.norm(dim=1, keepdim=True)
    q = a / n
    t = q.kthvalue(q.shape[1] // 3, dim=1, keepdim=True).values
    b = (n / 2 - q) * torch.sign(q - t) + n / 2
    return b, h + ((b - q) * n / h.shape[1]).reshape(len(h), 1, h.shape[2], h.shape[3])

def self_distillation(stages, made):
    return sum(att(stage, m) for stage, m in zip(stages[-2::-1], made))

def converter_loss(p, stages):
    stages = [s.detach() for s in stages]
    made = convert(p, stages[-1], True)
    unit = lambda h: F.normalize(h.flatten(1))
    return sum((unit(m) - unit(s)).square().mean() + att(m, s) for m, s in zip(made, stages[-2::-1]))

def warm(e, percent):
    s = min(e * 100 / percent, 1)
    return float(torch.exp(torch.tensor(-5.0 * (1 - s) ** 2)))

leader, trans = trained(given["student"]), trained(given["hints"][0]["module"])
fusion, converter = trained(given["fusion"]), trained(given["converter"])
own = {}
for e in given["hints"][0]["memory"]:
    value = torch.tensor(e["data"], dtype=torch.float32).reshape(e["shape"])
    # Kept as [k,k,out,in].
    value = value.permute(3, 2, 0, 1).contiguous() if value.dim() == 4 else value
    name = e["name"].split("/")[-1]
    own[name] = value if "running" in name else value.requires_grad_()

weights = lambda p: [v for n, v in p.items() if "running" not in n]
leading, common = sgd(weights(leader) + weights(trans)), sgd(weights(fusion))
adam = [torch.optim.Adam(weights(p), lr=1e-3, weight_decay=1e-4) for p in (own, converter)]
losses = []
for step, (rows, rate) in enumerate(zip(given["rows"], given["rates"])):
    e, images, labels = step / len(given["rows"]), x[rows], y[rows]
    T = hint["temperature"]
    z, f = cnn(leader, "", images)
    traces = [cnn(fusion, f"student{i + 1}.", images) for i in range(2)]
    answers = [logits.detach() for logits, _ in traces]
    concat = torch.cat([stages[-1].detach() for _, stages in traces], 1)
    fused = mix(fusion, "fusion.", concat)
    zf = F.linear(fused.mean((2, 3)), fusion["fusion.fc.weight"], fusion["fusion.fc.bias"])
    made = [m.detach() for m in convert(own, fused.detach(), False)]
    maps = att(f[-1], fused.detach()) + att(mix(trans, "", f[-1]), concat) + self_distillation(f, made)
    ffsd = kl(zf.detach(), z, T) + hint["lambdaFusion"] * warm(e, hint["warmup"]) * maps
    ce = F.cross_entropy(z, labels)

    share = teacher["lambdaDiversity"] * warm(e, teacher["warmup"])
    total = 0
    for i, (logits, stages) in enumerate(traces):
        total = total + F.cross_entropy(logits, labels) + kl(answers[1 - i], logits, teacher["temperature"])
        if i > 0:
            with torch.no_grad():
                b, shifted = elsewhere(traces[i - 1][1][-1])
                other = convert(converter, shifted, False)
            apart = (F.normalize(energy(stages[-1])) - b).square().mean()
            total = total + share * (apart + self_distillation(stages, other))
    total = total + F.cross_entropy(zf, labels) + kl(sum(answers) / 2, zf, teacher["temperature"])

    for optimiser, loss in ((leading, options["ceWeight"] * ce + given["weights"][0] * ffsd), (common, total)):
        optimiser.param_groups[0]["lr"] = rate
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    for optimiser, p, stages, k in ((adam[0], own, f, hint), (adam[1], converter, traces[1][1], teacher)):
        optimiser.param_groups[0]["lr"] = 1e-3 * rate / given["highest"]
        optimiser.zero_grad()
        (k["lambdaSelf"] * warm(e, k["warmup"]) * converter_loss(p, stages)).backward()
        optimiser.step()
    losses.append([ce.item(), ffsd.item(), apart.item(), F.cross_entropy(zf, labels).item()])
print(json.dumps({"losses": losses, "student": {n: v.detach().reshape(-1).tolist() for n, v in leader.items()}}))
`;

test.skipIf(!python)('losses of every step and the weights at the end are those of PyTorch', async () => {
  const steps = 60;
  const network = 'cnn-4-6-8';
  const recipe = tinyRecipe({
    teacher: { kind: 'fusion', knobs: { lambdaDiversity: 0.05 } },
    student: { network },
    hints: [{ id: 'ffsd', weight: 0.8 }],
    objective: { control: false },
    schedule: { steps, batch: 16, evaluateEvery: steps, optimiser: 'sgd', learningRate: 0.02 },
  });
  const dataset = tinyDataset();
  const { given, told, student } = await ranHere(recipe, dataset);
  const { input, outputs } = planRun(recipe, dataset);
  const plan = planNetwork(network, input, outputs);
  if ('problem' in plan) throw new Error(plan.problem);
  const { stages } = plan.description.output;
  const fusion = Network.joined(
    fusedStudents(plan.define, 2, outputs),
    'fused',
    input,
    outputs,
    RandomStream.fork(recipe.seed, 'init/fusion'),
  );
  const converter = new Converter(stages, RandomStream.fork(recipe.seed, 'init/converter/2'), 'parity');
  const there = await ranThere<{ losses: number[][]; student: Record<string, number[]> }>(script, {
    ...given,
    fusion: plain(await fusion.module.exportState()),
    converter: plain(await converter.module.exportState()),
    teacherKnobs: recipe.teacher.knobs,
    blocks: stages.length,
    highest: recipe.schedule.learningRate,
  });
  fusion.dispose();
  converter.dispose();
  const names = ['ce', 'ffsd', 'attention/diversity of 2', 'fusion/CE'];
  const relative = told.flatMap(({ values }, i) =>
    names.map((name, n) => {
      const expected = there.losses[i]![n]!;
      return Math.abs(values[name]! - expected) / Math.abs(expected);
    }),
  );
  expect(Math.max(...relative)).toBeLessThan(2e-3);
  for (const { name, data } of student.filter((entry) => !/running/.test(entry.name))) {
    const off = there.student[name]!.map((value, i) => Math.abs(value - data[i]!));
    expect(Math.max(...off), name).toBeLessThan(2e-3);
  }
});
