"""Targets with a column more, for tasks whose targets may be zero."""

from __future__ import annotations

import torch

from .base import Task


class WithKnownColumn(Task):
    """Encoded targets are [B,outputs + 1]: the last column is 1 where the instance has a target."""

    def encode(self, given: torch.Tensor) -> torch.Tensor:
        known = ~given.isnan().any(1, keepdim=True)
        values = torch.where(known, self.scaled(given), torch.zeros_like(given))
        # Held in 64 bits; losses are computed in 32, as networks are.
        return torch.cat([values, known], 1).float()

    def scaled(self, given: torch.Tensor) -> torch.Tensor:
        return given

    def has_target(self, targets: torch.Tensor) -> torch.Tensor:
        return targets[:, -1]
