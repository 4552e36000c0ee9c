"""Labels of a batch as one-hot rows [B,C], zeros without a label."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def targets_of(one_hot: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """One-hot [B,C]: the label where there is one, else the teacher's top class."""
    answers = F.one_hot(teacher.argmax(1), one_hot.shape[1]).float()
    return one_hot + answers * (1 - one_hot.sum(1, keepdim=True))


def over_labelled(losses: torch.Tensor, one_hot: torch.Tensor) -> torch.Tensor:
    """Scaled so that the mean over the batch is the mean over the labelled images."""
    return losses * (len(one_hot) / one_hot.sum().clamp_min(1))
