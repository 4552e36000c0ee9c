"""The same weight for every instance, with a warm-up and a decay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from .balance import Balance

if TYPE_CHECKING:
    from run import Run
    from training import Seen


class Weighting:
    looks_ahead = False

    def __init__(self, run: Run) -> None:
        self.knobs = run.recipe["weighting"]["knobs"]
        self.balance = Balance(run.learner.hints, run.device) if self.knobs["autoBalance"] else None

    def state_dict(self) -> dict:
        return {"balance": self.balance.state_dict()} if self.balance else {}

    def load_state_dict(self, state: dict) -> None:
        if self.balance:
            self.balance.load_state_dict(state["balance"])

    def balanced(self, losses: torch.Tensor) -> torch.Tensor:
        """[B,H] as they count."""
        return self.balance(losses) if self.balance else losses

    def observe(self, losses: torch.Tensor) -> None:
        """After a step: takes its losses [B,H] into the means."""
        if self.balance:
            self.balance.observe(losses)

    def learns(self, step: int, progress: float) -> bool:
        """Whether it learns in this step, counted from 0."""
        return False

    def weigh(self, seen: Seen, base: torch.Tensor) -> torch.Tensor:
        """[1,H] from the weights [1,H] of the recipe. `seen`: what the step has found out about each instance."""
        return base * factor(seen.progress, self.knobs)


def factor(progress: float, knobs: dict) -> float:
    """Of all weights at `progress` (0..1) of the run: warm-up, 1, decay."""
    percent = 100 * progress
    if percent < knobs["warmup"]:
        return percent / knobs["warmup"]
    if percent <= knobs["decayFrom"] or knobs["decayFrom"] >= 100:
        return 1.0
    fallen = (percent - knobs["decayFrom"]) / (100 - knobs["decayFrom"])
    return 1 - fallen * (1 - knobs["endWeight"])
