"""AT: Zagoruyko and Komodakis 2017."""

from __future__ import annotations

import torch

from networks.base import Trace

from .base import Batch, Hint, added, mean_square
from .maps import match_sides, pair_stages
from .vectors import unit_rows


def attention(maps: torch.Tensor, p: float) -> torch.Tensor:
    # Not `abs`, whose gradient at 0 is 0: the published code has that of x^p.
    size = torch.where(maps < 0, -maps, maps)
    return unit_rows(size.pow(p).mean(1).flatten(1))


def stage_losses(student: torch.Tensor, teacher: torch.Tensor, p: float) -> torch.Tensor:
    a, b = match_sides(student, teacher)
    return mean_square(attention(a, p), attention(b, p))


class Loss(Hint):
    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        """A map of one pixel has nowhere to attend to."""
        pairs = pair_stages(len(student["stages"]), len(teacher["stages"]))
        maps = [(student["stages"][s], teacher["stages"][t]) for s, t in pairs]
        return added(
            stage_losses(own, theirs, self.knobs["p"])
            for own, theirs in maps
            if all(each.shape[2] * each.shape[3] > 1 for each in (own, theirs))
        )
