"""A teacher that learns from the labels of the student's batches, in the student's steps (Apprentice, scheme A)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from networks.base import Trace
from optimisers import make_descent

from .base import Teacher as Base

if TYPE_CHECKING:
    from batches import Drawn
    from run import Step


class Teacher(Base):
    alone = "A teacher that learns beside the student is not shared by processes."
    frozen = None

    def begin(self) -> None:
        (self.network,) = self.networks
        self.descent = make_descent(self.description, dict(self.network.named_parameters()))

    def learners(self) -> dict:
        return {"network": self.network, "descent": self.descent}

    @torch.no_grad()
    def __call__(self, inputs: torch.Tensor, drawn: Drawn) -> Trace:
        """In a step it normalises by the batch, as the student does."""
        return self.network.train().glance(inputs)

    def learn(self, step: Step, student: torch.Tensor, rate: float) -> None:
        output = self.network.train()(step.shown)["logits"]
        self.descent.step(self.knobs["labelWeight"] * self.task.mean_loss(output, step.targets), None, rate)
