"""OFD: Heo et al. 2019."""

from __future__ import annotations

import math
from typing import Optional

import torch
from torch import nn
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint, added
from .maps import match_sides, pair_stages


def stage_losses(student: torch.Tensor, teacher: torch.Tensor, margin: torch.Tensor) -> torch.Tensor:
    """Sum over places and channels of squared distances from the teacher above its margin [C]. [B]

    Where the teacher is silent, only what the student has above it counts.
    """
    target = torch.maximum(teacher, margin[:, None, None])
    apart = student - target
    return torch.where(target > 0, apart.square(), F.relu(apart).square()).sum((1, 2, 3))


def margin_of_norm(gamma: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
    """[C] the mean of what a batch norm gives below zero, if it gives normal numbers."""
    deviation = gamma.abs().clamp_min(1e-12)
    ratio = (beta / deviation).clamp(-10, 10)
    silent = 0.5 * torch.erfc(ratio / math.sqrt(2))
    density = (-ratio.square() / 2).exp() / math.sqrt(2 * math.pi)
    expected = beta - deviation * density / silent.clamp_min(1e-6)
    return torch.where(silent > 0.001, expected, -3 * deviation)


def margin_of_batch(maps: torch.Tensor) -> torch.Tensor:
    """[C] the mean of what is below zero in a batch."""
    below = -F.relu(-maps)
    return below.sum((0, 2, 3)) / (maps < 0).sum((0, 2, 3)).clamp_min(1)


def norm_before(value: torch.Tensor, network: nn.Module) -> Optional[nn.BatchNorm2d]:
    """The batch norm of a network that a value comes from; of a sum the first summand's. None where there is none.

    `value`: with the graph of its computation
    """
    node = value.grad_fn
    while node is not None and node.name().startswith("Add"):
        node = node.next_functions[0][0]
    if node is None or "BatchNorm" not in node.name():
        return None
    weight = node.next_functions[1][0].variable
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    return next(norm for norm in norms if norm.weight is weight)


class Connector(nn.Module):
    """1x1 convolution and batch norm."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, filters, 1, bias=False)
        self.bn = nn.BatchNorm2d(filters)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return self.bn(self.conv(maps))


class Loss(Hint):
    def build(self, student: Trace, teacher: Trace) -> None:
        """A connector per stage."""
        self.pairs = pair_stages(len(student["stages"]), len(teacher["stages"]))
        for i, (s, t) in enumerate(self.pairs):
            channels, filters = student["stages"][s].shape[1], teacher["stages"][t].shape[1]
            self.add_module(f"connector{i}", Connector(channels, filters))
        # Of a single teacher that stands still the norms are asked, of any other the batch.
        self.norms: dict[int, nn.BatchNorm2d] = {}
        if self.facts.network is not None and self.knobs["margin"] == "norm":
            found = {t: norm_before(teacher["pre_activations"][t], self.facts.network) for _, t in self.pairs}
            self.norms = {t: norm for t, norm in found.items() if norm is not None}
        of_batch = len(self.norms) < len(self.pairs) or self.knobs["teacherMode"] == "training"
        self.compares = self.compares or of_batch

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        shown = teacher
        if self.facts.network is not None and self.knobs["teacherMode"] == "training":
            with torch.no_grad():
                shown = self.facts.network.train().glance(batch.teacher_inputs)
        found = []
        for i, (s, t) in enumerate(self.pairs):
            own, target = match_sides(student["pre_activations"][s], shown["pre_activations"][t])
            connector = getattr(self, f"connector{i}")
            losses = stage_losses(connector(own), target, self.margin(t, shown))
            found.append(losses * 2.0 ** (i - len(self.pairs) + 1))
        return added(found)

    def margin(self, stage: int, shown: Trace) -> torch.Tensor:
        norm = self.norms.get(stage)
        if norm is not None:
            return margin_of_norm(norm.weight.detach(), norm.bias.detach())
        return margin_of_batch(shown["pre_activations"][stage])
