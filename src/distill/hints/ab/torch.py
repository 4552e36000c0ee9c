"""AB: Heo et al. 2019."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
import torch.nn.functional as F

from .base import Batch, added, match_sides, pair_stages, shape_of_stage
from .fitnet import regressor_conv
from .two_stage import TwoStage

# The factor on the sum of elements in the authors' code.
SCALE = 0.003


def boundary_terms(student: torch.Tensor, teacher: torch.Tensor, margin: float) -> torch.Tensor:
    """Per element: how far the student is from the teacher's side of zero, with a margin to spare, squared."""
    fires = (teacher > 0).float()
    return F.relu(student + margin).square() * (1 - fires) + F.relu(margin - student).square() * fires


class Connector(nn.Module):
    """Brings a map [H,W,C] to the teacher's shape."""

    def __init__(self, source: list, target: list) -> None:
        super().__init__()
        self.conv = regressor_conv(source, target)
        self.bn = nn.BatchNorm2d(target[2])

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return self.bn(self.conv(maps))


class Loss(TwoStage):
    def build(self, student: dict, teacher: dict) -> None:
        """Connectors where shapes differ."""
        self.pairs = pair_stages(len(student["trace"]["stages"]), len(teacher["trace"]["stages"]))
        for i, (s, t) in enumerate(self.pairs):
            source, target = shape_of_stage(student, s + 1), shape_of_stage(teacher, t + 1)
            self.add_module(f"connector{i}", nn.Identity() if source == target else Connector(source, target))

    def pull(self, student: Mapping, teacher: Mapping, batch: Batch) -> torch.Tensor:
        """Values before the ReLU; as a sum the last stage counts fully, each one before it half as much."""
        k, found = self.knobs, []
        for i, (s, t) in enumerate(self.pairs):
            own = getattr(self, f"connector{i}")(student["pre_activations"][s])
            own, theirs = match_sides(own, teacher["pre_activations"][t])
            terms = boundary_terms(own, theirs, k["margin"]).flatten(1)
            if k["reduction"] == "sum":
                found.append(terms.sum(1) * SCALE * 2.0 ** (i - len(self.pairs) + 1))
            else:
                found.append(terms.mean(1) / len(self.pairs))
        return added(found)
