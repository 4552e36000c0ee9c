"""Losses brought to a common size."""

from __future__ import annotations

from typing import Optional

import torch


class Balance:
    """Divides each loss by its running mean (that of its size, where it may be negative), so that all start near 1."""

    def __init__(self, hints: torch.nn.ModuleDict, device: torch.device) -> None:
        self.negative = torch.tensor([hint.may_be_negative for hint in hints.values()], device=device)
        self.means: Optional[torch.Tensor] = None

    def state_dict(self) -> dict:
        return {"means": self.means}

    def load_state_dict(self, state: dict) -> None:
        self.means = None if state["means"] is None else state["means"].to(self.negative.device)

    def _sizes(self, losses: torch.Tensor) -> torch.Tensor:
        losses = losses.detach()
        return torch.where(self.negative, losses.abs(), losses).mean(0, keepdim=True)

    def __call__(self, losses: torch.Tensor) -> torch.Tensor:
        """[B,H] by the present means; the first batch sets them."""
        if self.means is None:
            self.means = self._sizes(losses)
        return losses / self.means.clamp_min(1e-8)

    def observe(self, losses: torch.Tensor) -> None:
        """After a step, whose losses [B,H] have been divided."""
        if self.means is not None:
            self.means = 0.99 * self.means + 0.01 * self._sizes(losses)
