"""One of several classes."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from . import base


class Task(base.Task):
    """Softmax and cross-entropy. Encoded targets are one-hot, [B,C]."""

    def encode(self, given: torch.Tensor) -> torch.Tensor:
        return F.one_hot(given.clamp_min(0), self.outputs).float() * (given >= 0).float()[:, None]

    def has_target(self, targets: torch.Tensor) -> torch.Tensor:
        return targets.sum(1)

    def weighed(self, targets: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
        return targets * factors[:, None]

    def losses(self, output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return -(targets * F.log_softmax(output, 1)).sum(1)

    def states(self, student: torch.Tensor, teacher: torch.Tensor, targets: torch.Tensor) -> tuple:
        logs = F.log_softmax(student, 1)
        right = lambda output: (F.softmax(output, 1) * targets).sum(1)
        return -(logs.exp() * logs).sum(1) / math.log(self.outputs), right(student), right(teacher)

    def mean_probabilities(self, outputs: torch.Tensor) -> torch.Tensor:
        return F.softmax(outputs, 2).mean(0).clamp_min(1e-12).log()

    def score(self, output: torch.Tensor, targets: torch.Tensor) -> float:
        """Share of the instances whose highest logit is that of their class, 0..1."""
        return (output.argmax(1) == targets).sum().item() / max(len(targets), 1)
