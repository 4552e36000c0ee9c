"""VGG with batch norm as torchvision writes it (Simonyan and Zisserman 2015), without the classifier's dropout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import torch
from torch import nn

from .base import Network, Trace, flat


class Classifier(nn.Module):
    """Three dense layers, under torchvision's names; `places` where the first one reads each place by itself."""

    def __init__(self, inputs: int, hidden: int, outputs: int, flat: bool) -> None:
        super().__init__()
        self.first = "places" if flat else "0"
        self.add_module(self.first, nn.Linear(inputs, hidden))
        self.relu1 = nn.ReLU()
        self.add_module("3", nn.Linear(hidden, hidden))
        self.relu2 = nn.ReLU()
        self.add_module("6", nn.Linear(hidden, outputs))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Vector before the last layer, and logits."""
        hidden = self.relu1(self.get_submodule(self.first)(x))
        embedding = self.relu2(self.get_submodule("3")(hidden))
        return embedding, self.get_submodule("6")(embedding)


class TorchvisionVGG(Network):
    """`widths`: of the convolutions of each of the five blocks, after each of which maps are pooled.

    hidden: units of two more dense layers; None for one dense layer alone
    side: height and width of the images, where the classifier reads each place of the last map; None where it reads their mean
    """

    def __init__(
        self,
        channels: int,
        widths: Sequence[Sequence[int]],
        outputs: int,
        hidden: Optional[int] = None,
        side: Optional[Sequence[int]] = None,
    ) -> None:
        super().__init__()
        self.flat = side is not None
        layers: list[nn.Module] = []
        for block in widths:
            for width in block:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
                channels = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        height, across = (size >> len(widths) for size in side) if side else (1, 1)
        inputs = channels * height * across
        self.classifier = nn.Linear(inputs, outputs) if hidden is None else Classifier(inputs, hidden, outputs, self.flat)

    def forward(self, images: torch.Tensor) -> Trace:
        x = before = images
        blocks, pre_activations = [], []
        maps: list[list[torch.Tensor]] = [[]]
        for layer in self.features:
            if isinstance(layer, nn.MaxPool2d):
                blocks.append(x)
                pre_activations.append(before)
                maps.append([])
            if isinstance(layer, nn.ReLU):
                before = x
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                maps[-1].append(x)
        pooled = flat(x) if self.flat else x.mean((2, 3))
        if isinstance(self.classifier, Classifier):
            embedding, logits = self.classifier(pooled)
        else:
            embedding, logits = pooled, self.classifier(pooled)
        return {
            "logits": logits,
            "embedding": embedding,
            "stem": blocks[0],
            "stages": blocks[1:],
            "pre_activations": pre_activations[1:],
            "maps": sum(maps[1:], []),
            "more": {},
        }
