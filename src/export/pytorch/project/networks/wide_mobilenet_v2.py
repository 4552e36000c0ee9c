"""MobileNetV2 (Sandler et al. 2018) at full width with ReLU6, under torchvision's names, without the classifier's dropout."""

from __future__ import annotations

import torch
from torch import nn

from .base import Network, Trace

# Of each group of blocks: expansion, channels, blocks, stride of the first for photographs and for images of 32 pixels.
GROUPS = (
    (1, 16, 1, 1, 1),
    (6, 24, 2, 2, 1),
    (6, 32, 3, 2, 2),
    (6, 64, 4, 2, 2),
    (6, 96, 3, 1, 1),
    (6, 160, 3, 2, 2),
    (6, 320, 1, 1, 1),
)
# Groups whose outputs are the stages.
STAGES = (1, 2, 4, 6)


def conv(channels: int, filters: int, size: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """With batch norm and ReLU6."""
    return nn.Sequential(
        nn.Conv2d(channels, filters, size, stride, padding=size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(filters),
        nn.ReLU6(),
    )


class InvertedResidual(nn.Module):
    """1x1 expansion (none in the first block), depthwise 3x3, 1x1 projection; with a shortcut where shapes are equal."""

    def __init__(self, channels: int, filters: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = channels * expansion
        self.conv = nn.Sequential(
            *([conv(channels, inner, 1)] if expansion > 1 else []),
            conv(inner, inner, 3, stride, groups=inner),
            nn.Conv2d(inner, filters, 1, bias=False),
            nn.BatchNorm2d(filters),
        )
        self.has_shortcut = stride == 1 and channels == filters

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x) + x if self.has_shortcut else self.conv(x)


class WideMobileNetV2(Network):
    """`photographs`: whether images are of ImageNet's size. Blocks end without ReLU: stages are their own pre-activations."""

    def __init__(self, channels: int, photographs: bool, outputs: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [conv(channels, 32, 3, 2 if photographs else 1)]
        channels = 32
        # Places of the last blocks of groups that are stages.
        self.stages = []
        for number, (expansion, filters, count, *strides) in enumerate(GROUPS):
            stride = strides[0 if photographs else 1]
            for i in range(count):
                layers.append(InvertedResidual(channels, filters, stride if i == 0 else 1, expansion))
                channels = filters
            if number in STAGES:
                self.stages.append(len(layers) - 1)
        layers.append(conv(channels, 1280, 1))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Identity(), nn.Linear(1280, outputs))

    def forward(self, images: torch.Tensor) -> Trace:
        x, values = images, []
        for layer in self.features:
            x = layer(x)
            values.append(x)
        stages = [values[place] for place in self.stages]
        embedding = x.mean((2, 3))
        return {
            "logits": self.classifier(embedding),
            "embedding": embedding,
            "stem": values[0],
            "stages": stages,
            "pre_activations": stages,
            "maps": [],
            "more": {},
        }
