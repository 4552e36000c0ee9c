"""DIST: Huang et al. 2022."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint


def correlation(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    x, y = a - a.mean(-1, keepdim=True), b - b.mean(-1, keepdim=True)
    norms = x.square().sum(-1).clamp_min(1e-30).sqrt() * y.square().sum(-1).clamp_min(1e-30).sqrt()
    return (x * y).sum(-1) / (norms + 1e-8)


def relations_of_answers(
    student: torch.Tensor, teacher: torch.Tensor, temperature: float, beta: float, gamma: float
) -> torch.Tensor:
    s, t = F.softmax(student / temperature, 1), F.softmax(teacher / temperature, 1)
    within = 1 - correlation(s, t)
    across = 1 - correlation(s.t(), t.t()).mean()
    return (beta * within + gamma * across) * temperature**2


class Loss(Hint):
    compares = True

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k = self.knobs
        return relations_of_answers(student["logits"], teacher["logits"], k["temperature"], k["beta"], k["gamma"])
