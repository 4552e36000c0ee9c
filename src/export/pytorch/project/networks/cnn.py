"""Plain convolutional network: blocks of one or two 3x3 convolutions with batch norm, pooled between blocks."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
import torch.nn.functional as F

from .base import Network, Trace


class CNN(Network):
    """`convs`: convolutions in a block; `pool_last`: whether the last block is pooled, too."""

    def __init__(self, channels: int, widths: Sequence[int], convs: int, pool_last: bool, outputs: int) -> None:
        super().__init__()
        self.pool_last = pool_last
        self.blocks = nn.ModuleList()
        for width in widths:
            layers: list[nn.Module] = []
            for _ in range(convs):
                layers += [nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
                channels = width
            self.blocks.append(nn.Sequential(*layers))
        self.fc = nn.Linear(channels, outputs)

    def forward(self, images: torch.Tensor) -> Trace:
        x = images
        maps, stages, pre_activations = [], [], []
        for number, block in enumerate(self.blocks):
            if number > 0:
                x = F.max_pool2d(x, 2)
            for i in range(0, len(block), 3):
                conv, bn, relu = block[i], block[i + 1], block[i + 2]
                before = bn(conv(x))
                x = relu(before)
                maps.append(x)
            stages.append(x)
            pre_activations.append(before)
        embedding = self.pooled(x)
        return {
            "logits": self.fc(embedding),
            "embedding": embedding,
            "stem": maps[0],
            "stages": stages,
            "pre_activations": pre_activations,
            "maps": maps,
            "more": {},
        }

    def pooled(self, maps: torch.Tensor) -> torch.Tensor:
        return (F.max_pool2d(maps, 2) if self.pool_last else maps).mean((2, 3))

    def logits_from(self, stage: int, maps: torch.Tensor) -> torch.Tensor:
        """Logits of the blocks behind a stage (from 0), fed with maps in place of its output."""
        for block in self.blocks[stage + 1 :]:
            maps = block(F.max_pool2d(maps, 2))
        return self.fc(self.pooled(maps))
