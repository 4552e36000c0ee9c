"""KD: Hinton et al. 2015."""

from __future__ import annotations

from typing import Union

import torch
import torch.nn.functional as F

from networks.base import Trace

from .answers import divergence
from .base import Batch, Hint


def soft_targets(student: torch.Tensor, teacher: torch.Tensor, temperature: Union[float, torch.Tensor]) -> torch.Tensor:
    log_student = F.log_softmax(student / temperature, 1)
    log_teacher = F.log_softmax(teacher / temperature, 1)
    return divergence(log_teacher, log_student) * temperature**2


class Loss(Hint):
    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        return soft_targets(student["logits"], teacher["logits"], self.knobs["temperature"])
