"""AB: Heo et al. 2019."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, added
from .fitnet import regressor_conv
from .maps import match_sides, pair_stages
from .two_stage import TwoStage

# The factor on the sum of elements in the authors' code.
SCALE = 0.003


def boundary_terms(student: torch.Tensor, teacher: torch.Tensor, margin: float) -> torch.Tensor:
    """Per element: how far the student is from the teacher's side of zero, with a margin to spare, squared."""
    fires = (teacher > 0).float()
    return F.relu(student + margin).square() * (1 - fires) + F.relu(margin - student).square() * fires


class Connector(nn.Module):
    """Brings a map [C,H,W] to the teacher's shape."""

    def __init__(self, source: Sequence[int], target: Sequence[int]) -> None:
        super().__init__()
        self.conv = regressor_conv(source, target)
        self.bn = nn.BatchNorm2d(target[0])

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return self.bn(self.conv(maps))


class Loss(TwoStage):
    def build(self, student: Trace, teacher: Trace) -> None:
        """Connectors where shapes differ."""
        self.pairs = pair_stages(len(student["stages"]), len(teacher["stages"]))
        for i, (s, t) in enumerate(self.pairs):
            source, target = student["stages"][s].shape[1:], teacher["stages"][t].shape[1:]
            self.add_module(f"connector{i}", nn.Identity() if source == target else Connector(source, target))

    def pull(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
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
