"""Two halves of a batch, with labels (source) and without (target), that a network sees apart: each has batch statistics
of its own."""

from __future__ import annotations

from typing import Any

import torch

from networks.base import Trace


def forward_apart(network: torch.nn.Module, inputs: torch.Tensor, labelled: int) -> Trace:
    """The trace of a batch whose first rows and other rows pass the network one after the other."""
    if not 0 < labelled < len(inputs):
        return network(inputs)
    return joined(network(inputs[:labelled]), network(inputs[labelled:]))


def joined(a: Any, b: Any) -> Any:
    """Two traces one after the other."""
    if isinstance(a, dict):
        return {name: joined(value, b[name]) for name, value in a.items()}
    if isinstance(a, list):
        return [joined(*pair) for pair in zip(a, b)]
    return torch.cat([a, b])
