"""NST: Huang and Wang 2017, polynomial kernel."""

from __future__ import annotations

import torch

from networks.base import Trace

from .base import Batch, Hint, added
from .maps import match_sides, pair_stages
from .vectors import unit_rows


def stage_losses(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    def kernel(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (x @ y.transpose(1, 2)).square().mean((1, 2))

    s, t = (unit_rows(maps.flatten(2)) for maps in match_sides(student, teacher))
    return kernel(t, t) + kernel(s, s) - 2 * kernel(s, t)


class Loss(Hint):
    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        pairs = pair_stages(len(student["stages"]), len(teacher["stages"]))
        return added(stage_losses(student["stages"][s], teacher["stages"][t]) for s, t in pairs)
