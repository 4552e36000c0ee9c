"""Tf-KD self-training: Yuan et al. 2020."""

from __future__ import annotations

import torch

from networks.base import Trace

from .base import Batch, Hint
from .kd import soft_targets


class Loss(Hint):
    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        s = student["logits"]
        of_classes = soft_targets(s, teacher["logits"], self.knobs["temperature"])
        return of_classes * self.knobs["multiplier"] / s.shape[1]
