"""Logit matching: Ba and Caruana 2014."""

from __future__ import annotations

import torch

from networks.base import Trace

from .base import Batch, Hint, mean_square


class Loss(Hint):
    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        return mean_square(student["logits"], teacher["logits"])
