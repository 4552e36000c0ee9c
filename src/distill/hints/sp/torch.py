"""SP: Tung and Mori 2019."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from .base import Batch, Hint, unit_rows


def similarity(features: torch.Tensor) -> torch.Tensor:
    flat = features.flatten(1)
    return unit_rows(flat @ flat.t())


def similarity_losses(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    return (similarity(teacher) - similarity(student)).square().mean(1)


class Loss(Hint):
    compares = True

    def losses(self, student: Mapping, teacher: Mapping, batch: Batch) -> torch.Tensor:
        of = lambda trace: trace["logits"] if self.knobs["space"] == "logits" else trace["stages"][-1]
        return similarity_losses(of(student), of(teacher))
