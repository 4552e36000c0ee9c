"""WSLD: Zhou et al. 2021."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint
from .labels import targets_of


def weighted_soft_labels(
    student: torch.Tensor, teacher: torch.Tensor, target: torch.Tensor, temperature: float
) -> torch.Tensor:
    """The weight is a constant for gradients."""

    def cross_entropy(logits: torch.Tensor) -> torch.Tensor:
        return -(target * F.log_softmax(logits, 1)).sum(1)

    weight = (1 - torch.exp(-cross_entropy(student) / (cross_entropy(teacher) + 1e-7))).detach()
    cross = -(F.softmax(teacher / temperature, 1) * F.log_softmax(student / temperature, 1)).sum(1)
    return weight * cross * temperature**2


class Loss(Hint):
    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        s, t = student["logits"], teacher["logits"]
        return weighted_soft_labels(s, t, targets_of(batch.targets, t), self.knobs["temperature"])
