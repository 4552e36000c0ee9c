/**
 * Losses of exported folders in single precision beside the same in double precision: of answers that are nearly equal at a
 * high temperature, where a plain sum of p log(p / q) has two digits.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { python } from '../../support/pytorch';

const script = `
import sys, tempfile
sys.path.insert(0, sys.argv[1])
from golden import package_of_losses
with tempfile.TemporaryDirectory() as place:
    package_of_losses(sys.argv[2], place)
    import torch
    from hints import dkd, introspective, kd, kd_reverse, lskd, mld, pkt, tfkd_reg

torch.manual_seed(1)
teacher = torch.randn(32, 10)
student = teacher + torch.randn(32, 10) / 10
target = torch.nn.functional.one_hot(torch.arange(32) % 10, 10)
standard = lskd.standardise
losses = {
    "kd": lambda s, t, y, by: kd.soft_targets(s, t, by),
    "kd-reverse": lambda s, t, y, by: kd_reverse.reverse_kd(s, t, by),
    "lskd": lambda s, t, y, by: kd.soft_targets(standard(s), standard(t), by),
    "dkd": lambda s, t, y, by: dkd.decoupled(s, t, y, 1, 8, by),
    "mld": lambda s, t, y, by: mld.per_label(s, t, by),
    "pkt": lambda s, t, y, by: pkt.neighbours(s, t) + 0 * by,
    "tfkd-reg": lambda s, t, y, by: tfkd_reg.hand_made_teacher((s - t) / 10, y, by, 100),
    "introspective": lambda s, t, y, by: introspective.introspective(s, t.softmax(1), y, 1, by),
}

def found(loss, dtype):
    leaves = [student.to(dtype).requires_grad_(), torch.tensor([20.0], dtype=dtype, requires_grad=True)]
    each = loss(leaves[0], teacher.to(dtype), target.to(dtype), leaves[1])
    return each, *torch.autograd.grad(each.sum(), leaves)

for name, loss in losses.items():
    pairs = zip(found(loss, torch.float32), found(loss, torch.float64))
    print(name, *(((a - b).abs().max() / b.abs().max()).item() for a, b in pairs))
`;

test.skipIf(!python)('losses of nearly equal answers at temperature 20 keep their digits', () => {
  const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
  const told = execFileSync(python!, ['-c', script, at('scripts'), at('src/distill/hints')], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const lines = told.trim().split('\n');
  expect(lines).toHaveLength(8);
  for (const line of lines) {
    const [name, ...distances] = line.split(' ');
    const [losses, gradients, slope] = distances.map(Number);
    expect(losses, `${name}: losses`).toBeLessThan(1e-4);
    expect(gradients, `${name}: gradients`).toBeLessThan(1e-4);
    // By which CTKD learns its temperature: what is left of parts that are hundreds of times larger.
    if (name === 'kd') expect(slope, 'its slope by the temperature').toBeLessThan(5e-3);
  }
});
