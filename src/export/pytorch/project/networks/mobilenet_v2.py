"""MobileNetV2 (Sandler et al. 2018) at half width with ReLU, under the names of HobbitLong/RepDistiller (`mobile_half`)."""

from __future__ import annotations

import torch
from torch import nn

from .base import Network, Trace

# Of each group of blocks: expansion, channels, blocks, stride of the first.
GROUPS = ((1, 8, 1, 1), (6, 12, 2, 1), (6, 16, 3, 2), (6, 32, 4, 2), (6, 48, 3, 1), (6, 80, 3, 2), (6, 160, 1, 1))
# Groups whose outputs are the stages.
STAGES = (1, 2, 4, 6)


class InvertedResidual(nn.Module):
    """1x1 expansion, depthwise 3x3, 1x1 projection; with a shortcut where shapes are equal."""

    def __init__(self, channels: int, filters: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = channels * expansion
        self.conv = nn.Sequential(
            nn.Conv2d(channels, inner, 1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(),
            nn.Conv2d(inner, inner, 3, stride, padding=1, groups=inner, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(),
            nn.Conv2d(inner, filters, 1, bias=False),
            nn.BatchNorm2d(filters),
        )
        self.has_shortcut = stride == 1 and channels == filters

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x) + x if self.has_shortcut else self.conv(x)


class MobileNetV2(Network):
    """Blocks end in a batch norm without ReLU, so stages are their own pre-activations."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.Conv2d(channels, 16, 3, 2, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()
        )
        self.blocks = nn.ModuleList()
        channels = 16
        for expansion, filters, count, stride in GROUPS:
            group = nn.Sequential()
            for i in range(count):
                group.add_module(str(i), InvertedResidual(channels, filters, stride if i == 0 else 1, expansion))
                channels = filters
            self.blocks.append(group)
        self.conv2 = nn.Sequential(nn.Conv2d(channels, 1280, 1, bias=False), nn.BatchNorm2d(1280), nn.ReLU())
        self.classifier = nn.Sequential(nn.Linear(1280, outputs))

    def forward(self, images: torch.Tensor) -> Trace:
        stem = x = self.conv1(images)
        groups = []
        for group in self.blocks:
            x = group(x)
            groups.append(x)
        stages = [groups[number] for number in STAGES]
        embedding = self.conv2(x).mean((2, 3))
        return {
            "logits": self.classifier(embedding),
            "embedding": embedding,
            "stem": stem,
            "stages": stages,
            "pre_activations": stages,
            "maps": [],
            "more": {},
        }
