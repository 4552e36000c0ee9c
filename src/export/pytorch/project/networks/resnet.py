"""ResNet for small images (He et al. 2016, CIFAR form), with the widths and names of HobbitLong/RepDistiller."""

from __future__ import annotations

import torch
from torch import nn

from .base import Network, Trace
from .layers import through_layers


def conv(channels: int, filters: int, size: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(channels, filters, size, stride, padding=size // 2, bias=False)


class BasicBlock(nn.Module):
    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.conv1 = conv(channels, filters, 3, stride)
        self.bn1 = nn.BatchNorm2d(filters)
        self.relu1 = nn.ReLU()
        self.conv2 = conv(filters, filters, 3)
        self.bn2 = nn.BatchNorm2d(filters)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or channels != filters:
            self.downsample = nn.Sequential(conv(channels, filters, 1, stride), nn.BatchNorm2d(filters))
        self.relu2 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Before and after the last ReLU."""
        y = self.relu1(self.bn1(self.conv1(x)))
        before = self.bn2(self.conv2(y)) + self.downsample(x)
        return before, self.relu2(before)


class ResNet(Network):
    """`depth`: 6n + 2; `width`: 1 for stages of 16, 32 and 64 channels behind a stem of 16, else so many times as wide."""

    def __init__(self, channels: int, depth: int, width: int, outputs: int) -> None:
        super().__init__()
        filters = 16 if width == 1 else 32
        self.conv1 = conv(channels, filters, 3)
        self.bn1 = nn.BatchNorm2d(filters)
        self.relu = nn.ReLU()
        layers = []
        for number, base in enumerate((16, 32, 64)):
            blocks = nn.ModuleList()
            for i in range((depth - 2) // 6):
                blocks.append(BasicBlock(filters, base * width, 2 if number > 0 and i == 0 else 1))
                filters = base * width
            layers.append(blocks)
        self.layer1, self.layer2, self.layer3 = layers
        self.fc = nn.Linear(filters, outputs)

    def forward(self, images: torch.Tensor) -> Trace:
        stem = self.relu(self.bn1(self.conv1(images)))
        return through_layers(stem, (self.layer1, self.layer2, self.layer3), self.fc)

    def logits_from(self, stage: int, maps: torch.Tensor) -> torch.Tensor:
        """Logits of the layers behind a stage (from 0), fed with maps in place of its output."""
        for layer in (self.layer1, self.layer2, self.layer3)[stage + 1 :]:
            for block in layer:
                _, maps = block(maps)
        return self.fc(maps.mean((2, 3)))
