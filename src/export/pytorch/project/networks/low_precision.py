"""Networks in low precision: kernels and activations are rounded as they are used; what is trained stays in full precision."""

from __future__ import annotations

from typing import Any, Optional

import torch
from torch import nn
import torch.nn.functional as F

from .base import Network


class Round(torch.autograd.Function):
    """Rounds, ties to even; the gradient passes as it is (straight-through)."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x.round()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        return gradient


def on_grid(x: torch.Tensor, steps: int) -> torch.Tensor:
    """Multiples of 1/steps."""
    return Round.apply(x * steps) / steps


def rounded(kernel: torch.Tensor, rule: str, bits: int) -> torch.Tensor:
    """A kernel as a layer in low precision uses it. `rule`: "dorefa", "wrpn" or "scaled"."""
    if rule == "dorefa":
        t = kernel.tanh()
        return 2 * on_grid(t / (2 * t.abs().max()) + 0.5, 2**bits - 1) - 1
    steps = 2 ** (bits - 1) - 1
    if rule == "wrpn":
        return on_grid(kernel.clamp(-1, 1), steps)
    scale = kernel.detach().abs().max().clamp_min(1e-12)
    return on_grid(kernel / scale, steps) * scale


class RoundedConv(nn.Conv2d):
    """In the place of a convolution."""

    def __init__(self, conv: nn.Conv2d, rule: str, bits: int) -> None:
        size: Any = conv.kernel_size
        moved: dict[str, Any] = {"stride": conv.stride, "padding": conv.padding, "groups": conv.groups}
        super().__init__(conv.in_channels, conv.out_channels, size, bias=conv.bias is not None, **moved)
        self.rule, self.bits = rule, bits

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self._conv_forward(x, rounded(self.weight, self.rule, self.bits), self.bias)


class RoundedLinear(nn.Linear):
    """In the place of a dense layer."""

    def __init__(self, layer: nn.Linear, rule: str, bits: int) -> None:
        super().__init__(layer.in_features, layer.out_features)
        self.rule, self.bits = rule, bits

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, rounded(self.weight, self.rule, self.bits), self.bias)


class RoundedReLU(nn.Module):
    """Between 0 and 1, in steps."""

    def __init__(self, bits: int) -> None:
        super().__init__()
        self.steps = 2**bits - 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return on_grid(x.clamp(0, 1), self.steps)


def in_low_precision(
    network: Network, rule: str, weights: Optional[int], activations: Optional[int], ends_in_full: bool
) -> Network:
    """Rounds layers and ReLUs of a network, before it is given its weights.

    rule: of the kernels; weights, activations: bits; None for full precision
    ends_in_full: whether the first layer, the last ReLU and the last layer stay in full precision, where there are others
    """
    named = list(network.named_modules())
    layers: list[tuple[str, Any]] = [(name, module) for name, module in named if isinstance(module, (nn.Conv2d, nn.Linear))]
    relus = [name for name, module in named if isinstance(module, nn.ReLU)]
    if ends_in_full and len(layers) > 2:
        layers, relus = layers[1:-1], relus[:-1]
    if weights is not None:
        for name, layer in layers:
            is_conv = isinstance(layer, nn.Conv2d)
            replace(network, name, RoundedConv(layer, rule, weights) if is_conv else RoundedLinear(layer, rule, weights))
    if activations is not None:
        for name in relus:
            replace(network, name, RoundedReLU(activations))
    return network


def replace(network: nn.Module, name: str, module: nn.Module) -> None:
    """Puts a module at a dotted path."""
    parent, _, last = name.rpartition(".")
    setattr(network.get_submodule(parent), last, module)
