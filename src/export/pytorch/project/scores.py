"""What is measured beside a task's own score, under the page's names."""

from __future__ import annotations

from typing import Optional

import torch
import torch.nn.functional as F

# Of equal width over confidences from 0 to 1, as in most published calibration errors.
BINS = 15


def further(description: dict, output: torch.Tensor, targets: torch.Tensor, teacher: Optional[torch.Tensor] = None) -> dict:
    """{id: score} of outputs [N,outputs] for targets as `data.py` holds them; of classes alone.

    `teacher`: its outputs for the same instances, None without one
    """
    if description["task"]["id"] != "classification":
        return {}
    known = targets >= 0
    output, targets = output[known], targets[known]
    logs = F.log_softmax(output.double(), 1)
    confidence, predicted = logs.exp().max(1)
    right = (predicted == targets).double()
    found = {
        "nll": F.nll_loss(logs, targets).item(),
        "ece": calibration_error(confidence, right),
        "classMean": sum(shares(right, targets)) / max(1, len(set(targets.tolist()))),
    }
    if teacher is not None:
        told = F.log_softmax(teacher[known].double(), 1)
        found["agreement"] = (told.argmax(1) == predicted).double().mean().item()
        found["kl"] = F.kl_div(logs, told, reduction="batchmean", log_target=True).item()
    return found


def calibration_error(confidence: torch.Tensor, right: torch.Tensor) -> float:
    """Mean over the predictions of |accuracy - confidence| of their bin (Naeini et al. 2015; Guo et al. 2017)."""
    bins = (confidence * BINS).ceil().long().sub(1).clamp(0, BINS - 1)
    gap = right.new_zeros(BINS).index_add_(0, bins, right - confidence)
    return (gap.abs().sum() / max(1, len(right))).item()


def shares(right: torch.Tensor, targets: torch.Tensor) -> list:
    """The share of the instances of each class that are right; of classes that there are."""
    return [right[targets == label].mean().item() for label in sorted(set(targets.tolist()))]


def per_class(output: torch.Tensor, targets: torch.Tensor) -> list:
    """The accuracy of each class, 0..1, in the order of the classes; 0 for one without instances."""
    right = (output.argmax(1) == targets).double()
    of = [right[targets == label] for label in range(output.shape[1])]
    return [some.mean().item() if len(some) else 0.0 for some in of]
