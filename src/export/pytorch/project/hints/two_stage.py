"""What losses have in common that teach before the student's own training, or beside the labels throughout."""

from __future__ import annotations

import math
from typing import Optional

import torch

from networks.base import Trace

from .base import Batch, Hint
from .prelude import Prelude


class TwoStage(Hint):
    def pull(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        """[B], the loss itself."""
        raise NotImplementedError

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        """Once it has prepared the student it pulls no more."""
        if self.knobs["stages"] == "two":
            return student["logits"].new_zeros(len(student["logits"]))
        return self.pull(student, teacher, batch)

    def prelude(self, steps: int) -> Optional[Prelude]:
        """Trains the student's layers, as far as the loss reaches, by the loss alone."""
        if self.knobs["stages"] != "two":
            return None
        count = math.floor(steps * self.knobs["initShare"] / 100 + 0.5)
        parameters = lambda student: [*student.parameters(), *self.parameters()]
        return Prelude(count, parameters, lambda student, teacher, batch: self.pull(student(), teacher, batch))
