"""MLD: Yang et al. 2023, per label."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from networks.base import Trace

from .answers import divergence
from .base import Batch, Hint


def per_label(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    def shares(logits: torch.Tensor) -> torch.Tensor:
        """[B,K,2] logarithms of the shares of yes and no."""
        return F.logsigmoid(torch.stack([logits, -logits], 2) / temperature)

    return divergence(shares(teacher), shares(student)).mean(1) * temperature**2


class Loss(Hint):
    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        return per_label(student["logits"], teacher["logits"], self.knobs["temperature"])
