"""FitNets: Romero et al. 2015."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
import torch.nn.functional as F

from .base import Batch, match_sides, mean_square, shape_of_stage, stage_of
from .two_stage import TwoStage


def regressor_conv(source: list, target: list) -> nn.Module:
    """Brings the student's map [H,W,C] to the teacher's size and channels."""
    (side, _, channels), (goal, _, filters) = source, target
    if side == 2 * goal:
        return nn.Conv2d(channels, filters, 3, stride=2, padding=1)
    if 2 * side == goal:
        return nn.ConvTranspose2d(channels, filters, 4, stride=2, padding=1)
    if side >= goal:
        return nn.Conv2d(channels, filters, 1 + side - goal)
    return nn.Conv2d(channels, filters, 3, padding=1)


class Loss(TwoStage):
    def build(self, student: dict, teacher: dict) -> None:
        """Convolution with bias, batch norm, ReLU."""
        self.layer = int(self.knobs["hintLayer"])
        source, target = (shape_of_stage(network, self.layer) for network in (student, teacher))
        self.conv = regressor_conv(source, target)
        self.bn = nn.BatchNorm2d(target[2])

    def pull(self, student: Mapping, teacher: Mapping, batch: Batch) -> torch.Tensor:
        regressed = F.relu(self.bn(self.conv(stage_of(student, self.layer))))
        return mean_square(*match_sides(regressed, stage_of(teacher, self.layer)))
