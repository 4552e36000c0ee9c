"""Networks of blocks in layers, as residual ones are."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from .base import Trace


def through_layers(stem: torch.Tensor, layers: Iterable[nn.ModuleList], last: nn.Module) -> Trace:
    """The trace from the first map on. Blocks give a map before and after their last ReLU; `last` gets the mean of pixels."""
    x = stem
    maps, stages, pre_activations = [], [], []
    for layer in layers:
        for block in layer:
            before, x = block(x)
            maps.append(x)
        stages.append(x)
        pre_activations.append(before)
    embedding = x.mean((2, 3))
    return {
        "logits": last(embedding),
        "embedding": embedding,
        "stem": stem,
        "stages": stages,
        "pre_activations": pre_activations,
        "maps": maps,
        "more": {},
    }
