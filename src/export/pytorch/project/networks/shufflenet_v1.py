"""ShuffleNet (Zhang et al. 2018) with three groups, under the names of HobbitLong/RepDistiller (`ShuffleV1`)."""

from __future__ import annotations

import torch
from torch import nn
import torch.nn.functional as F

from .base import Network, Trace
from .layers import through_layers

# Channels of each stage, and its blocks.
STAGES = ((240, 4), (480, 8), (960, 4))
GROUPS = 3
STEM = 24


def shuffle(maps: torch.Tensor, groups: int) -> torch.Tensor:
    """Channel c of group g moves to place c * groups + g."""
    batch, channels, *sides = maps.shape
    return maps.reshape(batch, groups, channels // groups, *sides).transpose(1, 2).reshape(batch, channels, *sides)


class Block(nn.Module):
    """Where it halves the map, the shortcut is an average pool and only further channels are computed."""

    def __init__(self, channels: int, filters: int, shrinks: bool) -> None:
        super().__init__()
        made = filters - channels if shrinks else filters
        narrow = made // 4
        self.shrinks = shrinks
        # The stem has too few channels for groups.
        self.groups = 1 if channels == STEM else GROUPS
        self.conv1 = nn.Conv2d(channels, narrow, 1, groups=self.groups, bias=False)
        self.bn1 = nn.BatchNorm2d(narrow)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(narrow, narrow, 3, 2 if shrinks else 1, padding=1, groups=narrow, bias=False)
        self.bn2 = nn.BatchNorm2d(narrow)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(narrow, made, 1, groups=GROUPS, bias=False)
        self.bn3 = nn.BatchNorm2d(made)
        self.relu3 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Before and after the last ReLU."""
        y = shuffle(self.relu1(self.bn1(self.conv1(x))), self.groups)
        y = self.bn3(self.conv3(self.relu2(self.bn2(self.conv2(y)))))
        before = torch.cat([y, F.avg_pool2d(x, 3, 2, padding=1)], 1) if self.shrinks else y + x
        return before, self.relu3(before)


class ShuffleNetV1(Network):
    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, STEM, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(STEM)
        self.relu = nn.ReLU()
        channels, layers = STEM, []
        for filters, count in STAGES:
            layers.append(nn.ModuleList([Block(channels, filters, True)]))
            layers[-1].extend(Block(filters, filters, False) for _ in range(count - 1))
            channels = filters
        self.layer1, self.layer2, self.layer3 = layers
        self.linear = nn.Linear(channels, outputs)

    def forward(self, images: torch.Tensor) -> Trace:
        stem = self.relu(self.bn1(self.conv1(images)))
        return through_layers(stem, (self.layer1, self.layer2, self.layer3), self.linear)
