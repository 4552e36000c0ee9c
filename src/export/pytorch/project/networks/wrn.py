"""Wide residual network (Zagoruyko and Komodakis 2016), with the names of HobbitLong/RepDistiller.

Its blocks begin with batch norm and ReLU and end in a sum, so stem and stages are raw sums; a stage's pre-activation is the
batch norm that the next block, or the head, applies to it.
"""

from __future__ import annotations

import torch
from torch import nn

from .base import Network, Trace


def conv(channels: int, filters: int, size: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(channels, filters, size, stride, padding=size // 2, bias=False)


class Block(nn.Module):
    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        self.conv1 = conv(channels, filters, 3, stride)
        self.bn2 = nn.BatchNorm2d(filters)
        self.relu2 = nn.ReLU()
        self.conv2 = conv(filters, filters, 3)
        self.convShortcut = conv(channels, filters, 1, stride) if channels != filters else None

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What its first batch norm gives, and the sum."""
        normalised = self.bn1(x)
        active = self.relu1(normalised)
        y = self.conv2(self.relu2(self.bn2(self.conv1(active))))
        return normalised, (x if self.convShortcut is None else self.convShortcut(active)) + y


class Stage(nn.Module):
    def __init__(self, channels: int, filters: int, blocks: int, stride: int) -> None:
        super().__init__()
        self.layer = nn.ModuleList([Block(channels, filters, stride)])
        self.layer.extend(Block(filters, filters, 1) for _ in range(blocks - 1))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What its first batch norm gives, and the last sum."""
        begin, *others = self.layer
        first, x = begin(x)
        for block in others:
            _, x = block(x)
        return first, x


class WideResNet(Network):
    """`depth`: 6n + 4; `widening`: of the stages of 16, 32 and 64 channels."""

    def __init__(self, channels: int, depth: int, widening: int, outputs: int) -> None:
        super().__init__()
        blocks = (depth - 4) // 6
        widths = [16, *(base * widening for base in (16, 32, 64))]
        self.conv1 = conv(channels, 16, 3)
        self.block1 = Stage(widths[0], widths[1], blocks, 1)
        self.block2 = Stage(widths[1], widths[2], blocks, 2)
        self.block3 = Stage(widths[2], widths[3], blocks, 2)
        self.bn1 = nn.BatchNorm2d(widths[3])
        self.relu = nn.ReLU()
        self.fc = nn.Linear(widths[3], outputs)

    def forward(self, images: torch.Tensor) -> Trace:
        stem = self.conv1(images)
        _, first = self.block1(stem)
        after_first, second = self.block2(first)
        after_second, third = self.block3(second)
        last = self.bn1(third)
        embedding = self.relu(last).mean((2, 3))
        return {
            "logits": self.fc(embedding),
            "embedding": embedding,
            "stem": stem,
            "stages": [first, second, third],
            "pre_activations": [after_first, after_second, last],
            "maps": [],
            "more": {},
        }
