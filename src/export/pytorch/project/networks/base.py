"""What all networks have in common. Maps are [B,C,H,W], vectors [B,D]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Callable, TypedDict

import torch
from torch import nn


class Trace(TypedDict):
    """What a network gives for a batch.

    logits: [B,outputs]
    embedding: [B,D] the vector before the last layer
    stem: the first map
    stages, pre_activations: the last map of each stage, and the same before its ReLU
    maps: all maps after a ReLU between blocks; empty where a network does not show them
    more: what kinds of teachers show beside that, by name
    """

    logits: torch.Tensor
    embedding: torch.Tensor
    stem: torch.Tensor
    stages: list[torch.Tensor]
    pre_activations: list[torch.Tensor]
    maps: list[torch.Tensor]
    more: dict[str, torch.Tensor]


class Network(nn.Module):
    """Calling it with images, or rows of a table, gives a `Trace`."""

    def glance(self, inputs: torch.Tensor) -> Trace:
        """The trace in the present mode, without moving running statistics."""
        with still(self):
            return self(inputs)

    def answer(self, inputs: torch.Tensor) -> torch.Tensor:
        """The logits with running statistics; each instance counts by itself."""
        training = self.training
        try:
            return self.eval()(inputs)["logits"]
        finally:
            self.train(training)

    def output_weight(self) -> torch.Tensor:
        """[outputs,D] of the last layer."""
        return [parameter for parameter in self.parameters() if parameter.dim() == 2][-1]


@contextmanager
def still(module: nn.Module) -> Iterator[None]:
    """Running statistics do not move."""
    norms = [part for part in module.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta):
            norm.momentum = momentum


def example_trace(network: nn.Module, shape: Sequence[int]) -> Trace:
    """Of one instance of zeros, for the shapes in it. `shape`: [H,W,C] of images, [D] of rows."""
    sides = (shape[2], shape[0], shape[1]) if len(shape) == 3 else tuple(shape)
    device, training = next(network.parameters()).device, network.training
    trace = network.eval()(torch.zeros(1, *sides, device=device))
    network.train(training)
    return trace


def over_trace(trace: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """The trace with all its values changed alike."""
    if isinstance(trace, Mapping):
        return {name: over_trace(value, change) for name, value in trace.items()}
    return [change(value) for value in trace] if isinstance(trace, list) else change(trace)


def flat(maps: torch.Tensor) -> torch.Tensor:
    """[B,D] of maps, pixel by pixel with the channels last, as the page has them; of vectors the same."""
    return maps.permute(0, 2, 3, 1).flatten(1) if maps.dim() == 4 else maps
