"""CC: Peng et al. 2019."""

from __future__ import annotations

import math

import torch
from torch import nn
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint, added
from .vectors import unit_rows, vectors_of


def correlation_congruence(student: torch.Tensor, teacher: torch.Tensor, gamma: float, order: int) -> torch.Tensor:
    """The form of the paper: a kernel on the embeddings. [B]"""

    def kernel(features: torch.Tensor) -> torch.Tensor:
        unit = unit_rows(features)
        near = unit @ unit.t()
        return added(math.exp(-2 * gamma) * (2 * gamma) ** p / math.factorial(p) * near**p for p in range(order + 1))

    return (kernel(student) - kernel(teacher)).square().mean(1)


def embedded_correlation(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """The form of the benchmark's code: differences of trained embeddings [B,D], correlated between neighbours. [B]

    The published loss is the mean of the B-1 products; here each is shared evenly by its two instances.
    """
    apart = (student - teacher).abs()
    products = (apart[:-1] * apart[1:]).sum(1)
    return (F.pad(products, (0, 1)) + F.pad(products, (1, 0))) * (len(apart) / max(1, len(apart) - 1) / 2)


class Loss(Hint):
    compares = True

    def build(self, student: Trace, teacher: Trace) -> None:
        """In the benchmark's form, an embedding of each network."""
        if self.knobs["form"] == "embedded":
            width = int(self.knobs["width"])
            self.embedStudent = nn.Linear(vectors_of(student, self.knobs).shape[1], width)
            self.embedTeacher = nn.Linear(vectors_of(teacher, self.knobs).shape[1], width)

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k = self.knobs
        own, theirs = (vectors_of(trace, k) for trace in (student, teacher))
        if k["form"] == "embedded":
            return embedded_correlation(self.embedStudent(own), self.embedTeacher(theirs))
        return correlation_congruence(own, theirs, k["gamma"], int(k["order"]))
