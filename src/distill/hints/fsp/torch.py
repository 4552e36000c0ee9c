"""FSP: Yim et al. 2017."""

from __future__ import annotations

import torch

from networks.base import Trace

from .base import Batch, added
from .maps import match_sides
from .two_stage import TwoStage


def flow(earlier: torch.Tensor, later: torch.Tensor) -> torch.Tensor:
    """How the channels of consecutive maps occur together, [B,C,D]."""
    a, b = (maps.flatten(2) for maps in match_sides(earlier, later))
    return a @ b.transpose(1, 2) / a.shape[2]


def flow_losses(student: list, teacher: list) -> torch.Tensor:
    """`student`, `teacher`: maps in their order, as many of both."""
    pairs = range(len(student) - 1)
    difference = [flow(student[i], student[i + 1]) - flow(teacher[i], teacher[i + 1]) for i in pairs]
    return added(each.square().mean((1, 2)) for each in difference)


class Loss(TwoStage):
    def pull(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        return flow_losses(*([trace["stem"], *trace["stages"]] for trace in (student, teacher)))
