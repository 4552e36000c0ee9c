"""DFA: Guan et al. 2020."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Callable, Optional

import torch
from torch import nn
import torch.nn.functional as F

from networks import make_plain_student
from networks.base import Trace

from .base import Batch, Hint, added, mean_square
from .prelude import Prelude


def aggregate(maps: list, beta: torch.Tensor) -> torch.Tensor:
    """The mix of the maps of a group, sum_j softmax(beta)_j T_j."""
    return torch.einsum("j,jbchw->bchw", F.softmax(beta, 0), torch.stack(maps))


def bridge_losses(
    logits: Optional[torch.Tensor],
    to_teacher: torch.Tensor,
    bridged: Optional[torch.Tensor],
    one_hot: torch.Tensor,
    k: dict,
) -> torch.Tensor:
    """What the search minimises, [B]; `logits` and `bridged` are None where they do not count."""
    ce = lambda answers: -(one_hot * F.log_softmax(answers, 1)).sum(1)
    losses = to_teacher * k["gammaST"]
    if bridged is not None:
        losses = losses + ce(bridged) * k["gammaTS"]
    return losses if logits is None else losses + ce(logits)


class Group:
    """Maps of the teacher of one height and width, with the student's last stage of that size."""

    def __init__(self, number: int, places: list[int], stage: int, channels: tuple) -> None:
        """`places`: among the teacher's maps; `channels`: of the student's map and of these."""
        self.number, self.places, self.stage, self.channels = number, places, stage, channels

    def maps(self, teacher: Trace) -> list:
        return [teacher["maps"][place] for place in self.places]


def common_groups(student: Trace, teacher: Trace) -> list[Group]:
    """Groups of the teacher for which the student has a map of the same height and width."""
    shapes = [maps.shape[1:] for maps in teacher["maps"]]
    groups = []
    for number, (shape, places) in enumerate(groupby(range(len(shapes)), key=lambda place: shapes[place])):
        fitting = [i for i, maps in enumerate(student["stages"]) if maps.shape[2:] == shape[1:]]
        if fitting:
            channels = student["stages"][fitting[-1]].shape[1], shape[0]
            groups.append(Group(number, list(places), fitting[-1], channels))
    return groups


class Loss(Hint):
    def build(self, student: Trace, teacher: Trace) -> None:
        """A connector and a mix per group; what the search needs beside them."""
        self.groups = common_groups(student, teacher)
        for group in self.groups:
            own, theirs = group.channels
            self.add_module(f"connector{group.number}", nn.Conv2d(own, theirs, 1, bias=False))
            self.register_buffer(f"beta{group.number}", torch.zeros(len(group.places)))
        searches = self.knobs["mix"] == "search" and self.knobs["searchSteps"] > 0
        several = [group for group in self.groups if len(group.places) > 1]
        self.search = Search(self, several) if searches and several else None

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        return added(self.distance(group, student, teacher) for group in self.groups)

    def distance(self, group: Group, student: Trace, teacher: Trace) -> torch.Tensor:
        mixed = aggregate(group.maps(teacher), getattr(self, f"beta{group.number}"))
        return mean_square(mixed, getattr(self, f"connector{group.number}")(student["stages"][group.stage]))

    def prelude(self, steps: int) -> Optional[Prelude]:
        return self.search.prelude(int(self.knobs["searchSteps"])) if self.search else None


class Search(nn.Module):
    """The search for the mix, in turns within each step, first order.

    Beta minimises the bridge loss on one half of the labelled instances, a copy of the student and its connectors on
    the other half.
    """

    hint: Loss
    halves: torch.Tensor

    def __init__(self, hint: Loss, groups: list) -> None:
        super().__init__()
        # Not registered: the hint owns the search.
        object.__setattr__(self, "hint", hint)
        self.groups = groups
        self.student: Any = make_plain_student()
        for module in self.student.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        self.connectors = nn.ModuleDict()
        for group in groups:
            own, theirs = group.channels
            self.connectors[f"toTeacher{group.number}"] = nn.Conv2d(own, theirs, 1, bias=False)
            if hint.knobs["bridge"]:
                self.connectors[f"toStudent{group.number}"] = nn.Conv2d(theirs, own, 1, bias=False)
        self.register_buffer("halves", torch.randint(2, (len(hint.facts.labels),)).float())
        # They move in the search alone.
        for parameter in self.parameters():
            parameter.requires_grad_(False)

    def prelude(self, steps: int) -> Optional[Prelude]:
        parameters = list(self.parameters())
        betas = [getattr(self.hint, f"beta{group.number}") for group in self.groups]
        optimiser = torch.optim.Adam(betas, lr=self.hint.knobs["betaRate"])

        def before(teacher: Trace, batch: Batch) -> None:
            for beta in betas:
                beta.requires_grad_()
            student = self.student.glance(batch.inputs)
            losses = [self.loss(group, student, teacher, batch, None) for group in self.groups]
            total = (sum(losses) * self.one_half(batch, 1)).mean()
            for beta, gradient in zip(betas, torch.autograd.grad(total, betas)):
                beta.grad = gradient
            optimiser.step()
            for beta in betas:
                beta.requires_grad_(False)

        def losses(student: Callable, teacher: Trace, batch: Batch) -> torch.Tensor:
            own = self.student.glance(batch.inputs)
            answers = [own["logits"], *[None] * (len(self.groups) - 1)]
            each = [self.loss(group, own, teacher, batch, logits) for group, logits in zip(self.groups, answers)]
            return sum(each) * self.one_half(batch, 0)

        return Prelude(steps, lambda student: parameters, losses, before)

    def loss(
        self, group: Group, student: Trace, teacher: Trace, batch: Batch, logits: Optional[torch.Tensor]
    ) -> torch.Tensor:
        mixed = aggregate(group.maps(teacher), getattr(self.hint, f"beta{group.number}"))
        own = student["stages"][group.stage]
        to_teacher = mean_square(mixed, self.connectors[f"toTeacher{group.number}"](own))
        bridged = None
        if self.hint.knobs["bridge"]:
            fed = self.connectors[f"toStudent{group.number}"](mixed)
            bridged = self.student.logits_from(group.stage, fed)
        return bridge_losses(logits, to_teacher, bridged, batch.targets, self.hint.knobs)

    def one_half(self, batch: Batch, which: int) -> torch.Tensor:
        """[B] weights of one half, so that a mean over the batch is one over it."""
        mine = (self.halves[batch.rows] == which).float()
        return mine * (len(mine) / mine.sum().clamp_min(1))
