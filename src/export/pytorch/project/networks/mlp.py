"""Multi-layer perceptron: dense layers with ReLU on flattened pixels or the columns of a table."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from .base import Network, Trace, flat


class MLP(Network):
    """Its stages are the hidden layers, as maps of one pixel."""

    def __init__(self, inputs: int, widths: Sequence[int], outputs: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(*sides) for sides in zip([inputs, *widths], widths))
        self.relus = nn.ModuleList(nn.ReLU() for _ in widths)
        self.fc = nn.Linear(widths[-1], outputs)

    def forward(self, inputs: torch.Tensor) -> Trace:
        x = flat(inputs)
        stages, pre_activations = [], []
        for layer, relu in zip(self.layers, self.relus):
            before = layer(x)
            x = relu(before)
            stages.append(x[:, :, None, None])
            pre_activations.append(before[:, :, None, None])
        return {
            "logits": self.fc(x),
            "embedding": x,
            "stem": stages[0],
            "stages": stages,
            "pre_activations": pre_activations,
            "maps": [],
            "more": {},
        }
