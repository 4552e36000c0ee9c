"""CTKD: Li et al. 2023."""

from __future__ import annotations

import math

import torch
from torch import nn

from networks.base import Trace

from .base import Batch, Hint
from .kd import soft_targets
from .lskd import standardise


def curriculum(progress: float, start: float, end: float) -> float:
    """Factor of the temperature's gradient: from `start` to `end` along a quarter of a sine, squared."""
    return start + (end - start) * math.sin(math.pi / 2 * min(progress, 1)) ** 2


def scaled_gradient(x: torch.Tensor, factor: float) -> torch.Tensor:
    """The same number; its gradient is multiplied."""
    return x * factor + x.detach() * (1 - factor)


def temperature_of(theta: torch.Tensor, start: float, span: float) -> torch.Tensor:
    return start + span * torch.sigmoid(theta)


class Loss(Hint):
    def build(self, student: Trace, teacher: Trace) -> None:
        self.theta = nn.Parameter(torch.ones(1))

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k = self.knobs
        strength = curriculum(batch.progress / (k["loops"] / 100), k["strengthFrom"], k["strengthTo"])
        temperature = temperature_of(scaled_gradient(self.theta, strength), k["start"], k["span"])
        seen = standardise if k["standardise"] else lambda logits: logits
        return soft_targets(seen(student["logits"]), seen(teacher["logits"]), temperature)
