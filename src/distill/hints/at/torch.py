"""AT: Zagoruyko and Komodakis 2017."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from .base import Batch, Hint, match_sides, mean_square, pair_stages, unit_rows


def attention(maps: torch.Tensor, p: float) -> torch.Tensor:
    # Not `abs`, whose gradient at 0 is 0: the published code has that of x^p.
    size = torch.where(maps < 0, -maps, maps)
    return unit_rows(size.pow(p).mean(1).flatten(1))


def stage_losses(student: torch.Tensor, teacher: torch.Tensor, p: float) -> torch.Tensor:
    a, b = match_sides(student, teacher)
    return mean_square(attention(a, p), attention(b, p))


class Loss(Hint):
    def losses(self, student: Mapping, teacher: Mapping, batch: Batch) -> torch.Tensor:
        """A map of one pixel has nowhere to attend to."""
        total = 0
        for s, t in pair_stages(len(student["stages"]), len(teacher["stages"])):
            maps = student["stages"][s], teacher["stages"][t]
            if all(m.shape[2] * m.shape[3] > 1 for m in maps):
                total = total + stage_losses(*maps, self.knobs["p"])
        return total
