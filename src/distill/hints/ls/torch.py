"""Label smoothing: Szegedy et al. 2016."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint
from .labels import over_labelled


def smoothed_labels(logits: torch.Tensor, one_hot: torch.Tensor, smoothing: float, spread: str) -> torch.Tensor:
    """`spread`: evenly to all classes, or to the others only. [B], 0 without a label."""
    classes = logits.shape[1]
    labelled = one_hot.sum(1, keepdim=True)
    receivers = labelled if spread == "all" else labelled - one_hot
    share = smoothing / (classes if spread == "all" else classes - 1)
    wanted = one_hot * (1 - smoothing) + receivers * share
    return -(wanted * F.log_softmax(logits, 1)).sum(1)


class Loss(Hint):
    compares = True

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k, targets = self.knobs, batch.targets
        return over_labelled(smoothed_labels(student["logits"], targets, k["smoothing"], k["spread"]), targets)
