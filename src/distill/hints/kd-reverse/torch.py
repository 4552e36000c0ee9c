"""Reverse KL, student first, on labelled and unlabelled images: Nguyen-Meidine et al. 2020."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from networks.base import Trace

from .answers import divergence
from .base import Batch, Hint


def reverse_kd(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    log_student = F.log_softmax(student / temperature, 1)
    log_teacher = F.log_softmax(teacher / temperature, 1)
    return divergence(log_student, log_teacher) * temperature**2


def over_both_halves(losses: torch.Tensor, one_hot: torch.Tensor, alpha: float) -> torch.Tensor:
    """The mean over the batch becomes alpha * mean over labelled images + mean over the others."""
    batch = len(losses)
    labelled = one_hot.sum(1)
    count = labelled.sum()
    factors = labelled * alpha * batch / count.clamp_min(1) + (1 - labelled) * batch / (batch - count).clamp_min(1)
    return losses * factors


class Loss(Hint):
    compares = True

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        losses = reverse_kd(student["logits"], teacher["logits"], self.knobs["temperature"])
        return over_both_halves(losses, batch.targets, self.knobs["alpha"])
