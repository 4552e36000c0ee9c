"""PKT: Passalis and Tefas 2018."""

from __future__ import annotations

import torch

from networks.base import Trace

from .answers import divergence
from .base import Batch, Hint
from .vectors import vectors_of


def probabilities(features: torch.Tensor, eps: float) -> torch.Tensor:
    unit = features / (features.square().sum(1, keepdim=True).clamp_min(1e-30).sqrt() + eps)
    near = (unit @ unit.t() + 1) / 2
    return near / near.sum(1, keepdim=True)


def neighbours(student: torch.Tensor, teacher: torch.Tensor, eps: float = 1e-7) -> torch.Tensor:
    s, t = probabilities(student, eps), probabilities(teacher, eps)
    log_s, log_t = (s + eps).log(), (t + eps).log()
    # The divergence counts eps among the shares; the loss does not.
    return (divergence(log_t, log_s) - eps * (log_t - log_s).sum(1)) / s.shape[1]


class Loss(Hint):
    compares = True

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        return neighbours(vectors_of(student, self.knobs), vectors_of(teacher, self.knobs))
