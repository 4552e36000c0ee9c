"""DKD: Zhao et al. 2022."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F

from .base import Batch, Hint, targets_of


def decoupled(
    student: torch.Tensor, teacher: torch.Tensor, target: torch.Tensor, alpha: float, beta: float, temperature: float
) -> torch.Tensor:
    def binary(logits: torch.Tensor) -> tuple:
        """Logarithms of the target's share and of the others', which is not 1 - the target's: that would cancel."""
        shares = F.log_softmax(logits / temperature, 1)
        return (shares * target).sum(1), (shares - 1000 * target).logsumexp(1)

    of_target = sum(t.exp() * (t - s) for s, t in zip(binary(student), binary(teacher)))
    log_student = F.log_softmax(student / temperature - 1000 * target, 1)
    log_teacher = F.log_softmax(teacher / temperature - 1000 * target, 1)
    of_others = (log_teacher.exp() * (log_teacher - log_student)).sum(1)
    return (alpha * of_target + beta * of_others) * temperature**2


class Loss(Hint):
    def losses(self, student: Mapping, teacher: Mapping, batch: Batch) -> torch.Tensor:
        k, s, t = self.knobs, student["logits"], teacher["logits"]
        return decoupled(s, t, targets_of(batch.targets, t), k["alpha"], k["beta"], k["temperature"])
