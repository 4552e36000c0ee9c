"""FitNets: Romero et al. 2015."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, mean_square
from .maps import match_sides, stage_of
from .two_stage import TwoStage


def regressor_conv(source: Sequence[int], target: Sequence[int]) -> nn.Module:
    """Brings the student's map [C,H,W] to the teacher's size and channels."""
    (channels, side, _), (filters, goal, _) = source, target
    if side == 2 * goal:
        return nn.Conv2d(channels, filters, 3, stride=2, padding=1)
    if 2 * side == goal:
        return nn.ConvTranspose2d(channels, filters, 4, stride=2, padding=1)
    if side >= goal:
        return nn.Conv2d(channels, filters, 1 + side - goal)
    return nn.Conv2d(channels, filters, 3, padding=1)


class Loss(TwoStage):
    def build(self, student: Trace, teacher: Trace) -> None:
        """Convolution with bias, batch norm, ReLU."""
        self.layer = int(self.knobs["hintLayer"])
        source, target = (stage_of(trace, self.layer).shape[1:] for trace in (student, teacher))
        self.conv = regressor_conv(source, target)
        self.bn = nn.BatchNorm2d(target[0])

    def pull(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        regressed = F.relu(self.bn(self.conv(stage_of(student, self.layer))))
        return mean_square(*match_sides(regressed, stage_of(teacher, self.layer)))
