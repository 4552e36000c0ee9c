"""VGG with batch norm and one dense layer (Simonyan and Zisserman 2015, CIFAR form), with the names of HobbitLong/RepDistiller."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
import torch.nn.functional as F

from .base import Network, Trace


class VGG(Network):
    """`widths`: of the convolutions of each of the five blocks; `large`: for images of 64 pixels and more."""

    def __init__(self, channels: int, widths: Sequence[Sequence[int]], large: bool, outputs: int) -> None:
        super().__init__()
        self.pooled = (1, 2, 3, 4) if large else (1, 2, 3)
        blocks = []
        for block in widths:
            layers: list[nn.Module] = []
            for width in block:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
                channels = width
            blocks.append(nn.Sequential(*layers))
        self.block0, self.block1, self.block2, self.block3, self.block4 = blocks
        self.classifier = nn.Linear(channels, outputs)

    def blocks(self) -> list:
        return [self.block0, self.block1, self.block2, self.block3, self.block4]

    def before(self, number: int, maps: torch.Tensor) -> torch.Tensor:
        """What a block is given of the maps of the one before it."""
        return F.max_pool2d(maps, 2) if number in self.pooled else maps

    def forward(self, images: torch.Tensor) -> Trace:
        x = images
        stages, pre_activations = [], []
        maps: list[list[torch.Tensor]] = []
        for number, block in enumerate(self.blocks()):
            x = self.before(number, x)
            maps.append([])
            for i in range(0, len(block), 3):
                conv, bn, relu = block[i], block[i + 1], block[i + 2]
                before = bn(conv(x))
                x = relu(before)
                maps[-1].append(x)
            stages.append(x)
            pre_activations.append(before)
        embedding = x.mean((2, 3))
        return {
            "logits": self.classifier(embedding),
            "embedding": embedding,
            "stem": stages[0],
            "stages": stages[1:],
            "pre_activations": pre_activations[1:],
            "maps": sum(maps[1:], []),
            "more": {},
        }

    def logits_from(self, stage: int, maps: torch.Tensor) -> torch.Tensor:
        """Logits of the blocks behind a stage (from 0, which is `block1`), fed with maps in place of its output."""
        for number in range(stage + 2, 5):
            maps = self.blocks()[number](self.before(number, maps))
        return self.classifier(maps.mean((2, 3)))
