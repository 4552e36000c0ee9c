"""Maps of a network's stages, and which of them a student learns from."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from networks.base import Trace


def pair_stages(students: int, teachers: int) -> list:
    """Which teacher stage each student stage learns from: evenly spread, the last ones always paired."""
    pairs = min(students, teachers)
    return [((i + 1) * students // pairs - 1, (i + 1) * teachers // pairs - 1) for i in range(pairs)]


def match_sides(a: torch.Tensor, b: torch.Tensor) -> tuple:
    """Pools the larger of two maps to the smaller one's height and width."""
    sides = (min(a.shape[2], b.shape[2]), min(a.shape[3], b.shape[3]))
    return F.adaptive_avg_pool2d(a, sides), F.adaptive_avg_pool2d(b, sides)


def stage_of(trace: Trace, number: int) -> torch.Tensor:
    """0 is the stem, 1..n the stages, more means the last."""
    return trace["stem"] if number == 0 else trace["stages"][min(number, len(trace["stages"])) - 1]
