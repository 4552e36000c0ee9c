"""The golden cases: python3 scripts/golden.py src/distill/hints/mld

The formula of `torch.py`, held against PyTorch's own divergence of two Bernoulli distributions.
"""

import torch
from torch.distributions import Bernoulli, kl_divergence

from hints.mld import per_label


def losses(inputs, params):
    temperature = params["temperature"]
    student, teacher = inputs["studentLogits"], inputs["teacherLogits"]
    found = per_label(student, teacher, temperature)
    library = kl_divergence(Bernoulli(logits=teacher / temperature), Bernoulli(logits=student / temperature))
    torch.testing.assert_close(found, library.mean(1) * temperature**2)
    return found


UNITS = {"mldLoss": losses}

# File: unit, params, shape of each input.
CASES = {
    "t4": ("mldLoss", {"temperature": 4}, {"studentLogits": (4, 6), "teacherLogits": (4, 6)}),
    "t1": ("mldLoss", {"temperature": 1}, {"studentLogits": (5, 3), "teacherLogits": (5, 3)}),
}
