"""NKD: Yang et al. 2023."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint
from .labels import targets_of


def normalised(
    student: torch.Tensor, teacher: torch.Tensor, target: torch.Tensor, temperature: float, gamma: float
) -> torch.Tensor:
    log_student = F.log_softmax(student, 1)
    of_target = -(F.softmax(teacher, 1) * target).sum(1) * (log_student * target).sum(1)
    others = [F.log_softmax(logits / temperature - 1000 * target, 1) for logits in (student, teacher)]
    cross = (others[1].exp() * others[0] * (1 - target)).sum(1)
    return of_target - gamma * temperature**2 * cross


class Loss(Hint):
    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k, s, t = self.knobs, student["logits"], teacher["logits"]
        return normalised(s, t, targets_of(batch.targets, t), k["temperature"], k["gamma"])
