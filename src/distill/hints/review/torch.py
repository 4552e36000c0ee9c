"""ReviewKD: Chen et al. 2021."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import torch
from torch import nn
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint, added
from .kd import soft_targets
from .maps import pair_stages


def context_losses(student: torch.Tensor, teacher: torch.Tensor, pools: list) -> torch.Tensor:
    """HCL: squared differences at full size and pooled to squares, each scale half as heavy as the one before. [B]"""
    side = student.shape[2]
    sides = [side, *(pool for pool in pools if pool < side)]
    weights = [2.0**-k for k in range(len(sides))]
    losses = []
    for weight, to in zip(weights, sides):
        s, t = (maps if to == side else F.adaptive_avg_pool2d(maps, to) for maps in (student, teacher))
        losses.append((s - t).square().mean((1, 2, 3)) * (weight / sum(weights)))
    return added(losses)


class Level(nn.Module):
    """One stage's attention-based fusion (ABF). `target`: [C,H,W] of the teacher's map."""

    def __init__(self, channels: int, target: Sequence[int], middle: int, attends: bool) -> None:
        super().__init__()
        filters, *self.sides = target
        self.conv1 = nn.Conv2d(channels, middle, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(middle)
        if attends:
            self.att = nn.Conv2d(2 * middle, 2, 1)
        self.conv2 = nn.Conv2d(middle, filters, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)

    def forward(self, student: torch.Tensor, deeper: Optional[torch.Tensor]) -> tuple:
        """The fused map in the teacher's shape, and what goes on to the level above. `deeper`: None for the deepest."""
        x = self.bn1(self.conv1(student))
        if deeper is not None:
            y = F.interpolate(deeper, x.shape[2:], mode="nearest")
            if hasattr(self, "att"):
                shares = torch.sigmoid(self.att(torch.cat([x, y], 1)))
                x = x * shares[:, :1] + y * shares[:, 1:]
            else:
                x = x + y
        x = F.interpolate(x, self.sides, mode="nearest")
        return self.bn2(self.conv2(x)), x


class Loss(Hint):
    def build(self, student: Trace, teacher: Trace) -> None:
        """A level per stage, and the pooled vector as a map of one pixel."""
        k = self.knobs
        own, theirs = student["stages"], teacher["stages"]
        self.pairs = pair_stages(len(own), len(theirs))
        vectors = student["embedding"].shape[1], (teacher["embedding"].shape[1], 1, 1)
        shapes = [*((own[s].shape[1], theirs[t].shape[1:]) for s, t in self.pairs), vectors]
        middle = min(int(k["maxMidChannels"]), vectors[0])
        for i, (channels, target) in enumerate(shapes):
            attends = k["fusion"] == "attention" and i + 1 < len(shapes)
            self.add_module(f"level{i}", Level(channels, target, middle, attends))
        self.pools = [] if k["poolSizes"] == "none" else [int(side) for side in str(k["poolSizes"]).split(",")]

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        """The teacher's maps are those before a stage's last ReLU, the student's after it, as in the authors' code."""
        k = self.knobs
        own = student["pre_activations" if k["studentPreActivation"] else "stages"]
        as_map = lambda vector: vector[:, :, None, None]
        maps = [(own[s], teacher["pre_activations"][t]) for s, t in self.pairs]
        maps.append((as_map(student["embedding"]), as_map(teacher["embedding"])))
        losses, deeper = [], None
        for i in reversed(range(len(maps))):
            fused, passed = getattr(self, f"level{i}")(maps[i][0], deeper)
            deeper = None if k["fusion"] == "none" else passed
            losses.append(context_losses(fused, maps[i][1], self.pools))
        if k["useKd"]:
            losses.append(k["klWeight"] * soft_targets(student["logits"], teacher["logits"], k["temperature"]))
        return added(losses)
