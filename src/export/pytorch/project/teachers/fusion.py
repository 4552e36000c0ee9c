"""FFSD: common students and the fusion of their maps, trained in the student's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
import torch.nn.functional as F

from hints.ffsd import Converter, Mixer, diversity_losses, elsewhere, mix, mutual_losses, self_losses, warm_up
from networks.base import Trace, example_trace, still
from optimisers import make_descent

from .base import Teacher as Base

if TYPE_CHECKING:
    from batches import Drawn
    from run import Step


class Fusion(nn.Module):
    """Mixes the maps of all students into one of the size of each, and classifies it."""

    def __init__(self, channels: int, filters: int, classes: int) -> None:
        super().__init__()
        for name, layer in Mixer(channels, filters).named_children():
            self.add_module(name, layer)
        self.fc = nn.Linear(filters, classes)

    def forward(self, maps: list) -> tuple:
        """Map before its ReLU, map, embedding and logits."""
        before = mix(self, torch.cat(maps, 1))
        after = F.relu(before)
        embedding = after.mean((2, 3))
        return before, after, embedding, self.fc(embedding)


class Fused(nn.Module):
    """The common students and their fusion, under the names of the page."""

    def __init__(self, students: list, shape: list, classes: int) -> None:
        """`shape`: of what goes in, [H,W,C]."""
        super().__init__()
        self.count = len(students)
        for i, student in enumerate(students):
            self.add_module(f"student{i + 1}", student)
        widths = [maps.shape[1] for maps in example_trace(students[0], shape)["stages"]]
        for i in range(1, self.count):
            self.add_module(f"converter{i + 1}", Converter(widths))
        self.fusion = Fusion(self.count * widths[-1], widths[-1], classes)

    def students(self, inputs: torch.Tensor) -> list:
        return [getattr(self, f"student{i + 1}")(inputs) for i in range(self.count)]

    def forward(self, inputs: torch.Tensor) -> dict:
        """The fusion's trace; what lies before its map is the first student's."""
        traces = self.students(inputs)
        maps = [trace["stages"][-1] for trace in traces]
        before, after, embedding, logits = self.fusion(maps)
        first = traces[0]
        return {
            **first,
            "logits": logits,
            "embedding": embedding,
            "stages": [*first["stages"][:-1], after],
            "pre_activations": [*first["pre_activations"][:-1], before],
            "more": {"concat": torch.cat(maps, 1)},
        }


class Teacher(Base):
    alone = "Fused students learn beside the student, which processes do not share."

    frozen = None

    def joined(self, networks: list) -> list:
        return [Fused(networks, self.description["student"]["input"], self.task.outputs)]

    def begin(self) -> None:
        (self.network,) = self.networks
        named = self.network.named_parameters()
        self.descent = make_descent(self.description, {name: each for name, each in named if each.requires_grad})

    def learners(self) -> dict:
        return {"network": self.network, "descent": self.descent}

    @torch.no_grad()
    def __call__(self, inputs: torch.Tensor, drawn: Drawn) -> Trace:
        with still(self.network.train()):
            return self.network(inputs)

    def learn(self, step: Step, student: torch.Tensor, rate: float) -> None:
        """Students learn from each other, the fusion from them, converters from their maps, all as they were before."""
        k = self.knobs
        self.network.train()
        traces = self.network.students(step.shown)
        logits = [trace["logits"].detach() for trace in traces]
        maps = [trace["stages"][-1].detach() for trace in traces]
        losses = [self._of_student(i, trace, logits, maps, step) for i, trace in enumerate(traces)]
        *_, fused = self.network.fusion(maps)
        average = torch.stack(logits).mean(0)
        losses.append(
            self.task.mean_loss(fused, step.targets) + mutual_losses(fused, [average], k["temperature"]).mean()
        )
        self.descent.step(sum(losses), None, rate)
        weight = warm_up(step.progress, k["warmup"]) * k["lambdaSelf"]
        share = rate / self.highest
        for i, trace in enumerate(traces[1:]):
            self.converter(i + 1).learn(trace["stages"], weight, share)

    def converter(self, i: int) -> Converter:
        return getattr(self.network, f"converter{i + 1}")

    def _of_student(self, i: int, trace: dict, logits: list, maps: list, step: Step) -> torch.Tensor:
        """CE, imitation of the others and, but for the first, where not to look."""
        k = self.knobs
        others = [other for j, other in enumerate(logits) if j != i]
        loss = self.task.mean_loss(trace["logits"], step.targets)
        loss = loss + mutual_losses(trace["logits"], others, k["temperature"]).mean()
        if i == 0:
            return loss
        target, moved = elsewhere(maps[i - 1])
        made = self.converter(i).make(moved, False)
        apart = diversity_losses(trace["stages"][-1], target) + self_losses(trace["stages"], made)
        return loss + apart.mean() * warm_up(step.progress, k["warmup"]) * k["lambdaDiversity"]
