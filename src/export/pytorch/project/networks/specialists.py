"""Specialists for a few classes each in one network: parallel branches, whose scores of each class are averaged."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
import torch.nn.functional as F

from .base import Network, Trace


class Trunk(nn.Module):
    """A convolution that all branches share."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, filters, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(filters)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return F.relu(self.bn(self.conv(images)))


def side_by_side(maps: Sequence[torch.Tensor]) -> torch.Tensor:
    """The channels of all maps that are as large as the first one."""
    return torch.cat([each for each in maps if each.shape[2:] == maps[0].shape[2:]], 1)


class Specialists(Network):
    shares: torch.Tensor

    def __init__(
        self,
        branches: Sequence[Network],
        classes: Sequence[Sequence[int]],
        outputs: int,
        softmax: bool,
        trunk: Sequence[int] = (0, 0),
    ) -> None:
        """A branch may have a last output more than classes, for “none of mine”; it is left out.

        classes: of each branch, in the order of its outputs
        softmax: whether scores are shares of each branch
        trunk: channels and filters of the shared convolution; 0 filters for none
        """
        super().__init__()
        self.trunk = Trunk(*trunk) if trunk[1] else None
        for i, branch in enumerate(branches):
            self.add_module(f"branch{i}", branch)
        self.count, self.classes, self.softmax = len(branches), classes, softmax
        known = torch.bincount(torch.tensor([number for each in classes for number in each]), minlength=outputs)
        self.register_buffer("shares", 1 / known.float(), persistent=False)

    def forward(self, images: torch.Tensor) -> Trace:
        shared = images if self.trunk is None else self.trunk(images)
        traces = [self.get_submodule(f"branch{i}")(shared) for i in range(self.count)]
        depth = min(len(trace["stages"]) for trace in traces)
        heads = [trace["logits"] for trace in traces]
        return {
            "logits": self.joined(heads),
            "embedding": torch.cat([trace["embedding"] for trace in traces], 1),
            "stem": side_by_side([trace["stem"] for trace in traces]) if self.trunk is None else shared,
            "stages": [side_by_side([trace["stages"][k] for trace in traces]) for k in range(depth)],
            "pre_activations": [side_by_side([trace["pre_activations"][k] for trace in traces]) for k in range(depth)],
            "maps": [],
            "more": {f"branch{i}": head for i, head in enumerate(heads)},
        }

    def joined(self, heads: list[torch.Tensor]) -> torch.Tensor:
        """[B,outputs] the mean score of each class over the branches that know it."""
        total = heads[0].new_zeros(len(heads[0]), len(self.shares))
        for head, known in zip(heads, self.classes):
            scores = F.softmax(head, 1) if self.softmax else head
            total[:, known] += scores[:, : len(known)]
        return total * self.shares
