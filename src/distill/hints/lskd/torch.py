"""LSKD: Sun et al. 2024, on top of KD or DKD."""

from __future__ import annotations

import torch

from networks.base import Trace

from .base import Batch, Hint
from .dkd import decoupled
from .kd import soft_targets
from .labels import targets_of


def standardise(logits: torch.Tensor) -> torch.Tensor:
    centred = logits - logits.mean(1, keepdim=True)
    variance = centred.square().sum(1, keepdim=True) / (logits.shape[1] - 1)
    return centred / (variance.clamp_min(1e-30).sqrt() + 1e-7)


class Loss(Hint):
    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k, s, t = self.knobs, standardise(student["logits"]), standardise(teacher["logits"])
        if k["base"] == "kd":
            return soft_targets(s, t, k["temperature"])
        return decoupled(s, t, targets_of(batch.targets, teacher["logits"]), 1, k["beta"], k["temperature"])
