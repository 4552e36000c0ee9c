"""A teacher that adapts to a second domain: before each of the student's steps it learns the labels of the source and brings
its features of source and target together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Callable, Optional

import torch

from halves import forward_apart
from hints.kd import soft_targets
from networks.base import Trace, still
from optimisers.plain import Descent
from processes import Processes

from .base import Stage
from .base import Teacher as Base

if TYPE_CHECKING:
    from batches import Drawn
    from run import Step

KERNELS, FACTOR = 5, 2


def mmd(source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Maximum mean discrepancy between features [N,D] of two domains, by Gaussian kernels around the mean distance."""
    rows = len(source)
    joint = torch.cat([source, target])
    distances = (joint[None] - joint[:, None]).square().sum(2)
    pairs = len(joint) ** 2 - len(joint)
    bandwidth = (distances.detach().sum() / (pairs * FACTOR ** (KERNELS // 2))).clamp_min(1e-8)
    kernels = sum((-distances / (bandwidth * FACTOR**k)).exp() for k in range(KERNELS))
    side = torch.cat([torch.ones(rows), -torch.ones(rows)]).to(source.device)
    return (kernels * side[None] * side[:, None]).sum() / rows**2


class Teacher(Base):
    alone = "An adapting teacher learns beside the student, which processes do not share."
    frozen = None
    through = staticmethod(forward_apart)

    def begin(self) -> None:
        (self.network,) = self.networks
        self.descent = self._make_descent()
        self.moving = self._make_descent() if self.knobs["moveTeacher"] else None

    def learners(self) -> dict:
        learners = {"network": self.network, "descent": self.descent}
        return {**learners, "moving": self.moving} if self.moving else learners

    def _make_descent(self) -> Descent:
        optimiser = self.knobs["optimiser"]
        decay = 0 if optimiser == "adam" else 5e-4
        schedule = {"optimiser": optimiser, "momentum": 0.9, "nesterov": False, "weightDecay": decay}
        return Descent(schedule, dict(self.network.named_parameters()), Processes())

    @torch.no_grad()
    def __call__(self, inputs: torch.Tensor, drawn: Drawn) -> Trace:
        with still(self.network.train()):
            return forward_apart(self.network, inputs, drawn.labelled)

    def advance(self, number: int, steps: int, student_logits: Callable) -> Optional[Stage]:
        """With the order “first” the student's schedule begins where the teacher's adaptation ends."""
        k, done = self.knobs, number / steps
        begins = number == steps // 2
        epoch = max(1, self.labelled // max(1, self.split[0]))
        share = done if k["g"] == "overall" else number % epoch / epoch
        self.g = 2 / (1 + math.exp(-10 * share)) - 1
        if k["order"] == "first":
            self.beta = float(number >= steps // 2)
            return Stage(steps - number, True) if begins else None
        self.beta = k["beta0"] * (k["beta1"] / k["beta0"]) ** done
        return None

    def weight(self) -> float:
        return self.beta

    def lead(self, step: Step, rate: float) -> None:
        """(1 - beta) * [the labels of the source + g * MMD of the features]."""
        network, labelled = self.network.train(), step.labelled
        source = network(step.shown[:labelled])
        loss = self.task.mean_loss(source["logits"], step.targets[:labelled])
        if self.knobs["adapt"] == "mmd":
            target = network(step.shown[labelled:])
            compared = min(self.split)
            loss = loss + self.g * mmd(source["embedding"][:compared], target["embedding"][:compared])
        self.descent.step((1 - self.beta) * loss, None, self.knobs["learningRate"] * rate / self.highest)

    def learn(self, step: Step, student: torch.Tensor, rate: float) -> None:
        """The distillation's pull on the teacher, where that is wanted: the other direction of what it teaches."""
        entries = self.description["recipe"]["hints"]
        hint = next((entry["knobs"] for entry in entries if entry["id"] == "kd-reverse"), None)
        if not self.moving or not hint:
            return
        known = self.task.has_target(step.targets)
        others = max(1, len(known) - step.labelled)
        factors = known * hint["alpha"] / max(1, step.labelled) + (1 - known) / others
        with still(self.network.train()):
            own = forward_apart(self.network, step.shown, step.labelled)["logits"]
        losses = soft_targets(own, student, hint["temperature"])
        self.moving.step((losses * factors).sum() * self.beta, None, rate)
