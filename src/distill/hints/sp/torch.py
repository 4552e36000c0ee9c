"""SP: Tung and Mori 2019."""

from __future__ import annotations

import torch

from networks.base import Trace

from .base import Batch, Hint
from .vectors import unit_rows


def similarity(features: torch.Tensor) -> torch.Tensor:
    flat = features.flatten(1)
    return unit_rows(flat @ flat.t())


def similarity_losses(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    return (similarity(teacher) - similarity(student)).square().mean(1)


class Loss(Hint):
    compares = True

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        of = lambda trace: trace["logits"] if self.knobs["space"] == "logits" else trace["stages"][-1]
        return similarity_losses(of(student), of(teacher))
