"""An ensemble whose members take turns: a step shows one member's answers, or each row those of the member it is a copy for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import torch

from networks.base import Trace
from streams import Stream

from .base import Teacher as Base

if TYPE_CHECKING:
    from batches import Drawn


class Teacher(Base):
    def begin(self) -> None:
        self.number = 0

    def advance(self, number: int, steps: int, student_logits: Callable) -> None:
        self.number = number

    @torch.no_grad()
    def __call__(self, inputs: torch.Tensor, drawn: Drawn) -> Trace:
        for network in self.networks:
            network.eval()
        traces = self.traces(inputs)
        outputs = torch.stack([trace["logits"] for trace in traces])
        turn = torch.tensor(drawn.members or [self._member()] * len(inputs), device=inputs.device)
        logits = outputs[turn, torch.arange(len(inputs), device=inputs.device)]
        return self.corrupted({**traces[0], "logits": logits})

    def _member(self) -> int:
        """Of all rows of the present step."""
        count = len(self.networks)
        if self.knobs["rule"] == "round-robin":
            return self.number % count
        uniform = Stream(self.description["recipe"]["seed"], f"teacher/turns/{self.number + 1}").uniform()
        return min(count - 1, int(uniform * count))
