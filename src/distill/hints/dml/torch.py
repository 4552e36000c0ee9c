"""DML: Zhang et al. 2018."""

from __future__ import annotations

import torch

from networks.base import Trace

from .base import Batch, Hint, added
from .kd import soft_targets


def mutual(own: torch.Tensor, others: list) -> torch.Tensor:
    """Mean over the others of KL(other || own), [B]."""
    return added(soft_targets(own, other, 1) for other in others) / len(others)


class Loss(Hint):
    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        """Of a teacher of several peers, each by itself."""
        peers = [value for name, value in teacher.get("more", {}).items() if name.startswith("peer")]
        return mutual(student["logits"], peers or [teacher["logits"]])
