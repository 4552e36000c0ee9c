"""A batch norm before a network, which normalises each colour by itself as published code does."""

from __future__ import annotations

from typing import Any

from torch import nn

from .base import Network


def with_colours(network: Network, channels: int) -> Network:
    """The same network, which first passes images through `colours`."""

    def normalised(module: Any, inputs: Any) -> Any:
        return module.colours(inputs[0])

    network.add_module("colours", nn.BatchNorm2d(channels))
    network.register_forward_pre_hook(normalised)
    return network
