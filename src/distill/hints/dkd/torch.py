"""DKD: Zhao et al. 2022."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from networks.base import Trace

from .answers import divergence
from .base import Batch, Hint
from .labels import targets_of


def decoupled(
    student: torch.Tensor, teacher: torch.Tensor, target: torch.Tensor, alpha: float, beta: float, temperature: float
) -> torch.Tensor:
    def binary(logits: torch.Tensor) -> torch.Tensor:
        """[B,2] logarithms of the target's share and of the others', which is not 1 - the target's: that would cancel."""
        shares = F.log_softmax(logits / temperature, 1)
        return torch.stack([(shares * target).sum(1), (shares - 1000 * target).logsumexp(1)], 1)

    def others(logits: torch.Tensor) -> torch.Tensor:
        """[B,C] logarithms of the share of each class among those that are not the target."""
        return F.log_softmax(logits / temperature - 1000 * target, 1)

    of_target = divergence(binary(teacher), binary(student))
    of_others = divergence(others(teacher), others(student))
    return (alpha * of_target + beta * of_others) * temperature**2


class Loss(Hint):
    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k, s, t = self.knobs, student["logits"], teacher["logits"]
        return decoupled(s, t, targets_of(batch.targets, t), k["alpha"], k["beta"], k["temperature"])
