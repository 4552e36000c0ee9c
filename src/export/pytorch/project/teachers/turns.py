"""An ensemble whose members take turns: a step shows one member's answers, or each row those of the member it is a copy for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import torch

from networks.base import Trace

from .base import Teacher as Base
from .whose_turn import of_turn

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
        logits = of_turn(outputs, drawn, self.number, self.description["recipe"])
        return self.corrupted({**traces[0], "logits": logits})
