"""Convolutional network as Keras users write it, with ELU and dropout: the students and branches of Adamantios/NN-Train."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn
import torch.nn.functional as F

from .base import Network, Trace, flat


class BlockSizes(NamedTuple):
    """Filters of a block, its convolutions, how many of them have a batch norm, and the share dropped after it."""

    filters: int
    convs: int
    norms: int
    dropout: float


class Block(nn.Sequential):
    """Convolutions with bias, each with its activation and some with a batch norm."""

    def __init__(self, channels: int, sizes: BlockSizes, activation: type[nn.Module]) -> None:
        super().__init__()
        self.convs = sizes.convs
        for i in range(sizes.convs):
            self.add_module(f"{3 * i}", nn.Conv2d(channels, sizes.filters, 3, padding=1))
            self.add_module(f"{3 * i + 1}", activation())
            self.add_module(f"{3 * i + 2}", nn.BatchNorm2d(sizes.filters) if i < sizes.norms else nn.Identity())
            channels = sizes.filters
        self.drop = nn.Dropout(sizes.dropout)

    def forward(self, x: torch.Tensor) -> tuple:
        """What the block passes on, its last convolution's output, its last map and its first one."""
        maps = []
        for i in range(self.convs):
            conv, activation, norm = self[3 * i], self[3 * i + 1], self[3 * i + 2]
            before = conv(x)
            x = norm(activation(before))
            maps.append(x)
        return self.drop(F.max_pool2d(x, 2)), before, x, maps[0]


class EluCNN(Network):
    """`side`: height and width of the images, for the last layer reads all places of the last map."""

    def __init__(
        self,
        channels: int,
        side: Sequence[int],
        blocks: Sequence[BlockSizes],
        outputs: int,
        activation: str = "elu",
    ) -> None:
        """`activation`: "elu" or "relu"."""
        super().__init__()
        self.blocks = nn.ModuleList()
        for sizes in blocks:
            self.blocks.append(Block(channels, sizes, nn.ELU if activation == "elu" else nn.ReLU))
            channels = sizes.filters
        height, width = (size >> len(self.blocks) for size in side)
        self.fc = nn.Linear(channels * height * width, outputs)

    def forward(self, images: torch.Tensor) -> Trace:
        x = images
        firsts, stages, pre_activations = [], [], []
        for block in self.blocks:
            x, before, last, first = block(x)
            firsts.append(first)
            stages.append(last)
            pre_activations.append(before)
        embedding = flat(x)
        return {
            "logits": self.fc(embedding),
            "embedding": embedding,
            "stem": firsts[0],
            "stages": stages,
            "pre_activations": pre_activations,
            "maps": [],
            "more": {},
        }
