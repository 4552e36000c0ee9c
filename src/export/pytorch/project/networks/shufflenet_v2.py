"""ShuffleNet V2 (Ma et al. 2018) at width 1, under the names of HobbitLong/RepDistiller (`ShuffleV2`)."""

from __future__ import annotations

import torch
from torch import nn

from .base import Network, Trace

# Channels of each stage, and its blocks.
STAGES = ((116, 4), (232, 8), (464, 4))


def conv(channels: int, filters: int) -> nn.Conv2d:
    return nn.Conv2d(channels, filters, 1, bias=False)


def depthwise(channels: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(channels, channels, 3, stride, padding=1, groups=channels, bias=False)


def shuffle(maps: torch.Tensor) -> torch.Tensor:
    """The channels of both halves in turns."""
    batch, channels, *sides = maps.shape
    return maps.reshape(batch, 2, channels // 2, *sides).transpose(1, 2).reshape(batch, channels, *sides)


class DownBlock(nn.Module):
    """Computes both halves from the whole map, each with stride 2."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        half = filters // 2
        self.conv1 = depthwise(channels, 2)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = conv(channels, half)
        self.bn2 = nn.BatchNorm2d(half)
        self.relu2 = nn.ReLU()
        self.conv3 = conv(channels, half)
        self.bn3 = nn.BatchNorm2d(half)
        self.relu3 = nn.ReLU()
        self.conv4 = depthwise(half, 2)
        self.bn4 = nn.BatchNorm2d(half)
        self.conv5 = conv(half, half)
        self.bn5 = nn.BatchNorm2d(half)
        self.relu5 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        left = self.relu2(self.bn2(self.conv2(self.bn1(self.conv1(x)))))
        right = self.bn4(self.conv4(self.relu3(self.bn3(self.conv3(x)))))
        right = self.relu5(self.bn5(self.conv5(right)))
        return shuffle(torch.cat([left, right], 1))


class SplitBlock(nn.Module):
    """Passes half of the channels through and computes the other half."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.conv1 = conv(half, half)
        self.bn1 = nn.BatchNorm2d(half)
        self.relu1 = nn.ReLU()
        self.conv2 = depthwise(half)
        self.bn2 = nn.BatchNorm2d(half)
        self.conv3 = conv(half, half)
        self.bn3 = nn.BatchNorm2d(half)
        self.relu3 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Both halves before the last ReLU and the shuffle, and the map after them."""
        passed, taken = x.chunk(2, 1)
        y = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(taken)))))
        made = self.bn3(self.conv3(y))
        return torch.cat([passed, made], 1), shuffle(torch.cat([passed, self.relu3(made)], 1))


class ShuffleNetV2(Network):
    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = conv(channels, 24)
        self.bn1 = nn.BatchNorm2d(24)
        self.relu1 = nn.ReLU()
        channels, layers = 24, []
        for filters, count in STAGES:
            layers.append(nn.ModuleList([DownBlock(channels, filters)]))
            layers[-1].extend(SplitBlock(filters) for _ in range(count - 1))
            channels = filters
        self.layer1, self.layer2, self.layer3 = layers
        self.conv2 = conv(channels, 1024)
        self.bn2 = nn.BatchNorm2d(1024)
        self.relu2 = nn.ReLU()
        self.linear = nn.Linear(1024, outputs)

    def forward(self, images: torch.Tensor) -> Trace:
        stem = x = self.relu1(self.bn1(self.conv1(images)))
        stages, pre_activations = [], []
        for first, *others in (self.layer1, self.layer2, self.layer3):
            x = first(x)
            for block in others:
                before, x = block(x)
            stages.append(x)
            pre_activations.append(before)
        embedding = self.relu2(self.bn2(self.conv2(x))).mean((2, 3))
        return {
            "logits": self.linear(embedding),
            "embedding": embedding,
            "stem": stem,
            "stages": stages,
            "pre_activations": pre_activations,
            "maps": [],
            "more": {},
        }
