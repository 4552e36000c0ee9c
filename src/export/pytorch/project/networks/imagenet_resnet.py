"""ResNets of He et al. (2016) for ImageNet: four stages of 64 to 512 channels, four times as many after bottlenecks.

With a small stem under the names of HobbitLong/RepDistiller, else under torchvision's.
"""

from __future__ import annotations

import torch
from torch import nn

from .base import Network, Trace
from .layers import through_layers

# Blocks of each stage, by depth; from 50 on they are bottlenecks.
BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}


def conv(channels: int, filters: int, size: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(channels, filters, size, stride, padding=size // 2, bias=False)


class Block(nn.Module):
    """Two convolutions, or a bottleneck of three. `shortcut`: what the shortcut is called."""

    def __init__(self, channels: int, width: int, stride: int, bottleneck: bool, shortcut: str) -> None:
        super().__init__()
        filters = 4 * width if bottleneck else width
        self.conv1 = conv(channels, width, 1) if bottleneck else conv(channels, width, 3, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = conv(width, width, 3, stride if bottleneck else 1)
        self.bn2 = nn.BatchNorm2d(width)
        self.bottleneck = bottleneck
        if bottleneck:
            self.relu2 = nn.ReLU()
            self.conv3 = conv(width, filters, 1)
            self.bn3 = nn.BatchNorm2d(filters)
        self.shortcut_name = shortcut
        if stride != 1 or channels != filters:
            layers = nn.Sequential(conv(channels, filters, 1, stride), nn.BatchNorm2d(filters))
        else:
            layers = nn.Sequential()
        self.add_module(shortcut, layers)
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Before and after the last ReLU."""
        y = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        if self.bottleneck:
            y = self.bn3(self.conv3(self.relu2(y)))
        before = y + self.get_submodule(self.shortcut_name)(x)
        return before, self.relu(before)


class ImageNetResNet(Network):
    """`stem`: "small" (3x3), "pooled" (the same, then pooled to half) or "large" (7x7 with stride 2, then pooled)."""

    def __init__(self, channels: int, depth: int, stem: str, outputs: int) -> None:
        super().__init__()
        shortcut, self.last = ("shortcut", "linear") if stem == "small" else ("downsample", "fc")
        self.conv1 = conv(channels, 64, 7, 2) if stem == "large" else conv(channels, 64, 3)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.pool = nn.Identity() if stem == "small" else nn.MaxPool2d(3, 2, padding=1)
        channels, layers = 64, []
        for number, count in enumerate(BLOCKS[depth]):
            width, blocks = 64 * 2**number, nn.ModuleList()
            for i in range(count):
                blocks.append(Block(channels, width, 2 if number > 0 and i == 0 else 1, depth >= 50, shortcut))
                channels = 4 * width if depth >= 50 else width
            layers.append(blocks)
        self.layer1, self.layer2, self.layer3, self.layer4 = layers
        self.add_module(self.last, nn.Linear(channels, outputs))

    def forward(self, images: torch.Tensor) -> Trace:
        stem = self.pool(self.relu(self.bn1(self.conv1(images))))
        return through_layers(stem, (self.layer1, self.layer2, self.layer3, self.layer4), self.get_submodule(self.last))
