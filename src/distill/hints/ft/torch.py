"""FT: Kim et al. 2018."""

from __future__ import annotations

import math
from typing import Callable, Optional

import torch
from torch import nn
import torch.nn.functional as F

from networks.base import Trace

from .at import attention
from .base import Batch, Hint, mean_square
from .maps import match_sides
from .prelude import Prelude
from .vectors import unit_rows


def distance(a: torch.Tensor, b: torch.Tensor, p: float) -> torch.Tensor:
    return (a - b).abs().pow(p).mean(1)


def factor_losses(student: torch.Tensor, teacher: torch.Tensor, p: float) -> torch.Tensor:
    """Of factors at length 1, as in the paper. [B]"""
    s, t = (unit_rows(factors.flatten(1)) for factors in match_sides(student, teacher))
    return distance(s, t, p)


def factor_attention_losses(student: torch.Tensor, teacher: torch.Tensor, p1: float, p2: float) -> torch.Tensor:
    """Of where the factors look, as in the benchmark's code. [B]"""
    s, t = (attention(factors, p1) for factors in match_sides(student, teacher))
    return distance(s, t, p2)


def leaky(x: torch.Tensor) -> torch.Tensor:
    return F.leaky_relu(x, 0.1)


class Part(nn.Module):
    """Named parts of one step: `conv`, `convT`, `bn`."""

    def __init__(self, **parts: nn.Module) -> None:
        super().__init__()
        for name, part in parts.items():
            self.add_module(name, part)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for part in self.children():
            x = part(x)
        return leaky(x)


def in_turn(module: nn.Module, name: str, maps: torch.Tensor) -> torch.Tensor:
    """Through the three parts of a name, such as encoder0, encoder1 and encoder2."""
    for i in range(3):
        maps = getattr(module, f"{name}{i}")(maps)
    return maps


class Paraphraser(nn.Module):
    """Puts the teacher's last map in fewer channels, and gives it back."""

    def __init__(self, channels: int, factors: int) -> None:
        super().__init__()
        for i, widths in enumerate(((channels, channels), (channels, factors), (factors, factors))):
            self.add_module(f"encoder{i}", Part(conv=nn.Conv2d(*widths, 3, padding=1)))
        for i, widths in enumerate(((factors, factors), (factors, channels), (channels, channels))):
            self.add_module(f"decoder{i}", Part(convT=nn.ConvTranspose2d(*widths, 3, padding=1)))

    def encode(self, maps: torch.Tensor) -> torch.Tensor:
        return in_turn(self, "encoder", maps)

    def decode(self, factors: torch.Tensor) -> torch.Tensor:
        return in_turn(self, "decoder", factors)


class Loss(Hint):
    def build(self, student: Trace, teacher: Trace) -> None:
        """A paraphraser, which is trained first and then stands still, and a translator for the student."""
        channels, theirs = (trace["stages"][-1].shape[1] for trace in (student, teacher))
        factors = max(1, math.floor(theirs * self.knobs["rate"]))
        for i, (width, filters) in enumerate(((channels, channels), (channels, factors), (factors, factors))):
            part = Part(conv=nn.Conv2d(width, filters, 3, padding=1), bn=nn.BatchNorm2d(filters))
            self.add_module(f"translator{i}", part)
        self.paraphraser = Paraphraser(theirs, factors)
        for parameter in self.paraphraser.parameters():
            parameter.requires_grad_(False)

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k = self.knobs
        own = in_turn(self, "translator", student["stages"][-1])
        theirs = self.paraphraser.encode(teacher["stages"][-1])
        if k["form"] == "paper":
            return factor_losses(own, theirs, k["p2"])
        return factor_attention_losses(own, theirs, k["p1"], k["p2"])

    def prelude(self, steps: int) -> Optional[Prelude]:
        paraphraser = self.paraphraser

        def losses(student: Callable, teacher: Trace, batch: Batch) -> torch.Tensor:
            maps = teacher["stages"][-1]
            return mean_square(paraphraser.decode(paraphraser.encode(maps)), maps)

        # The benchmark trains it five times more slowly for these students.
        slow = self.facts.student.startswith(("resnet", "wrn"))
        rate = lambda highest: highest / 5 if slow else highest
        count = math.floor(steps * self.knobs["initShare"] / 100 + 0.5)
        return Prelude(count, lambda student: [*paraphraser.parameters()], losses, rate=rate)
