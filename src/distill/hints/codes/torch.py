"""MGD: Shao et al. 2021, the codes of two granularities."""

from __future__ import annotations

import torch
from torch import nn
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint
from .kd import soft_targets


class Encoder(nn.Module):
    """From an embedding [B,D] to a code [B,K], linear."""

    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        self.dense1 = nn.Linear(features, features)
        self.dense2 = nn.Linear(features, width)

    def forward(self, embedding: torch.Tensor) -> torch.Tensor:
        return self.dense2(F.relu(self.dense1(embedding)))


class Loss(Hint):
    def build(self, student: Trace, teacher: Trace) -> None:
        """Encoders like those of the teacher, so that the codes are equally wide."""
        more, features = teacher["more"], student["embedding"].shape[1]
        self.abstractEncoder = Encoder(features, more["abstractCode"].shape[1])
        self.detailedEncoder = Encoder(features, more["detailedCode"].shape[1])

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        """Codes are treated like logits: the narrow one at a low temperature, the wide one at a high one."""
        k, more, embedding = self.knobs, teacher["more"], student["embedding"]
        abstract = soft_targets(self.abstractEncoder(embedding), more["abstractCode"], k["lowTemperature"])
        return abstract + soft_targets(self.detailedEncoder(embedding), more["detailedCode"], k["highTemperature"])
