"""VID: Ahn et al. 2019."""

from __future__ import annotations

import math

import torch
from torch import nn
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint, added
from .maps import match_sides, pair_stages


class Reader(nn.Module):
    """Reads the teacher's map off the student's: three 1x1 convolutions, and a variance per channel."""

    def __init__(self, channels: int, filters: int, first_variance: float) -> None:
        super().__init__()
        self.conv0 = nn.Conv2d(channels, filters, 1, bias=False)
        self.conv1 = nn.Conv2d(filters, filters, 1, bias=False)
        self.conv2 = nn.Conv2d(filters, filters, 1, bias=False)
        self.logScale = nn.Parameter(torch.full((filters,), math.log(math.exp(first_variance - 1e-5) - 1)))

    def forward(self, student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
        s, t = match_sides(student, teacher)
        mean = self.conv2(F.relu(self.conv1(F.relu(self.conv0(s)))))
        variance = (F.softplus(self.logScale) + 1e-5)[None, :, None, None]
        return 0.5 * ((mean - t).square() / variance + variance.log()).mean((1, 2, 3))


class Loss(Hint):
    may_be_negative = True

    def build(self, student: Trace, teacher: Trace) -> None:
        self.pairs = pair_stages(len(student["stages"]), len(teacher["stages"]))
        for i, (s, t) in enumerate(self.pairs):
            channels = student["stages"][s].shape[1], teacher["stages"][t].shape[1]
            self.add_module(f"stage{i}", Reader(*channels, self.knobs["firstVariance"]))

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        readers = [getattr(self, f"stage{i}") for i in range(len(self.pairs))]
        return added(read(student["stages"][s], teacher["stages"][t]) for read, (s, t) in zip(readers, self.pairs))
