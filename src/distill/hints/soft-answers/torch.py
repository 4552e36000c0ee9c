"""Soft-target cross-entropy: Zaras et al. 2021."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint


def soft_answers(student: torch.Tensor, teacher: torch.Tensor, temperature: float, times_square: bool) -> torch.Tensor:
    losses = -(F.softmax(teacher / temperature, 1) * F.log_softmax(student / temperature, 1)).sum(1)
    return losses * temperature**2 if times_square else losses


class Loss(Hint):
    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k = self.knobs
        return soft_answers(student["logits"], teacher["logits"], k["temperature"], k["timesSquare"])
