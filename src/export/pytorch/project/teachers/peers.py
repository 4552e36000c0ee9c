"""DML: peers that learn from the student's batches and from each other, in the student's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from hints.dml import mutual
from networks.base import Trace
from optimisers import make_descent

from .base import Teacher as Base

if TYPE_CHECKING:
    from batches import Drawn
    from run import Step


class Teacher(Base):
    alone = "Peers learn beside the student, which processes do not share."
    frozen = None

    def begin(self) -> None:
        self.peers = nn.ModuleDict({f"peer{i + 1}": network for i, network in enumerate(self.networks)})
        self.descent = make_descent(self.description, dict(self.peers.named_parameters()))

    def together(self, outputs: torch.Tensor) -> torch.Tensor:
        return self.task.mean_probabilities(outputs)

    def learners(self) -> dict:
        return {"network": self.peers, "descent": self.descent}

    @torch.no_grad()
    def __call__(self, inputs: torch.Tensor, drawn: Drawn) -> Trace:
        """In a step peers normalise by the batch, as the student does."""
        traces = []
        for network in self.networks:
            traces.append(network.train().glance(inputs))
        more = {f"peer{i + 1}": trace["logits"] for i, trace in enumerate(traces)}
        return {**self._joined(traces), "more": more}

    def learn(self, step: Step, student: torch.Tensor, rate: float) -> None:
        """Each: the labels, and lambda times the mean over the others, student included, of KL(other || own)."""
        answers = [network.train()(step.shown)["logits"] for network in self.networks]
        total = 0
        for i, own in enumerate(answers):
            others = [student, *(other.detach() for j, other in enumerate(answers) if j != i)]
            total = total + self.task.mean_loss(own, step.targets) + self.knobs["lambda"] * mutual(own, others).mean()
        self.descent.step(total, None, rate)
