"""Several such teachers that take turns: a step shows one's answers, or each row those of the one that it is a copy for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import torch

from networks.base import Trace

from .recorded import Teacher as Recorded
from .whose_turn import of_turn

if TYPE_CHECKING:
    from batches import Drawn


class Teacher(Recorded):
    def begin(self) -> None:
        super().begin()
        self.number = 0

    def advance(self, number: int, steps: int, student_logits: Callable) -> None:
        self.number = number

    def __call__(self, inputs: torch.Tensor, drawn: Drawn) -> Trace:
        outputs = torch.stack([self.part(name, inputs) for name in self.about["members"]])
        logits = of_turn(outputs, drawn, self.number, self.description["recipe"])
        return self.corrupted({**self.answer(inputs), "logits": logits})
