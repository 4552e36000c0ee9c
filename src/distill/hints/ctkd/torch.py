"""CTKD: Li et al. 2023."""

import math

import torch
from torch import nn

from .base import Hint
from .kd import soft_targets
from .lskd import standardise


def curriculum(progress, start, end):
    """Factor of the temperature's gradient: from `start` to `end` along a quarter of a sine, squared."""
    return start + (end - start) * math.sin(math.pi / 2 * min(progress, 1)) ** 2


def scaled_gradient(x, factor):
    """The same number; its gradient is multiplied."""
    return x * factor + x.detach() * (1 - factor)


def temperature_of(theta, start, span):
    return start + span * torch.sigmoid(theta)


class Loss(Hint):
    def build(self, student, teacher):
        self.theta = nn.Parameter(torch.ones(1))

    def losses(self, student, teacher, batch):
        k = self.knobs
        strength = curriculum(batch.progress / (k["loops"] / 100), k["strengthFrom"], k["strengthTo"])
        temperature = temperature_of(scaled_gradient(self.theta, strength), k["start"], k["span"])
        seen = standardise if k["standardise"] else lambda logits: logits
        return soft_targets(seen(student["logits"]), seen(teacher["logits"]), temperature)
