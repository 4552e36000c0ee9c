"""MLD: Yang et al. 2023, per label."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F

from .base import Batch, Hint


def per_label(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    own, other = student / temperature, teacher / temperature
    share = torch.sigmoid(other)
    yes = F.logsigmoid(other) - F.logsigmoid(own)
    no = F.logsigmoid(-other) - F.logsigmoid(-own)
    return (share * yes + (1 - share) * no).mean(1) * temperature**2


class Loss(Hint):
    def losses(self, student: Mapping, teacher: Mapping, batch: Batch) -> torch.Tensor:
        return per_label(student["logits"], teacher["logits"], self.knobs["temperature"])
