"""SemCKD: Chen et al. 2021."""

from __future__ import annotations

import torch
from torch import nn
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint, added, mean_square
from .maps import match_sides
from .vectors import unit_rows


class Embedding(nn.Module):
    """Of the similarities of a batch, for queries and keys."""

    def __init__(self, batch: int) -> None:
        super().__init__()
        self.dense0 = nn.Linear(batch, 2 * (batch // 4))
        self.dense1 = nn.Linear(2 * (batch // 4), batch // 4)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        flat = maps.flatten(1)
        return unit_rows(self.dense1(F.relu(self.dense0(flat @ flat.t()))))


class Regressor(nn.Module):
    """Brings a student's map to the channels of a teacher's."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.conv0 = nn.Conv2d(channels, 2 * filters, 1, bias=False)
        self.bn0 = nn.BatchNorm2d(2 * filters)
        self.conv1 = nn.Conv2d(2 * filters, 2 * filters, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(2 * filters)
        self.conv2 = nn.Conv2d(2 * filters, filters, 1, bias=False)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return self.conv2(F.relu(self.bn1(self.conv1(F.relu(self.bn0(self.conv0(maps)))))))


class Loss(Hint):
    compares = True

    def build(self, student: Trace, teacher: Trace) -> None:
        self.layers = int(self.knobs["layers"])
        last = lambda trace: [maps.shape[1] for maps in trace["stages"][-self.layers :]]
        own, theirs = last(student), last(teacher)
        for i in range(len(own)):
            self.add_module(f"query{i}", Embedding(self.facts.batch))
        for j in range(len(theirs)):
            self.add_module(f"key{j}", Embedding(self.facts.batch))
        for i, channels in enumerate(own):
            for j, filters in enumerate(theirs):
                self.add_module(f"regressor{i}_{j}", Regressor(channels, filters))

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        """Every student layer learns from every teacher layer, as much as it attends to it."""
        own, theirs = (trace["stages"][-self.layers :] for trace in (student, teacher))
        queries = torch.stack([getattr(self, f"query{i}")(maps) for i, maps in enumerate(own)], 1)
        keys = torch.stack([getattr(self, f"key{j}")(maps) for j, maps in enumerate(theirs)], 1)
        attention = F.softmax(queries @ keys.transpose(1, 2), 2)
        losses = []
        for i, maps in enumerate(own):
            for j, target in enumerate(theirs):
                a, b = match_sides(maps, target)
                error = mean_square(getattr(self, f"regressor{i}_{j}")(a), b)
                losses.append(attention[:, i, j] * error / len(own))
        return added(losses)
