"""Logit matching: Ba and Caruana 2014."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from .base import Batch, Hint, mean_square


class Loss(Hint):
    def losses(self, student: Mapping, teacher: Mapping, batch: Batch) -> torch.Tensor:
        return mean_square(student["logits"], teacher["logits"])
