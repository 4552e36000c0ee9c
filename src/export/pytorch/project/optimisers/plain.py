"""Adam, or SGD with momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

import torch

from .slots import give_slots, slots_of

if TYPE_CHECKING:
    from processes import Processes


class Descent:
    """Moves parameters down the objective. `named`: {name: parameter}."""

    def __init__(self, schedule: dict, named: dict, processes: Processes) -> None:
        self.schedule, self.named = schedule, named
        # A `GradScaler`, which PyTorch has in one place or another.
        self.scaler: Any = None
        self.reset()

    def scale(self) -> None:
        """Scales losses from now on, so that gradients in half precision do not vanish."""
        place: Any = torch.amp if hasattr(torch.amp, "GradScaler") else torch.cuda.amp
        self.scaler = place.GradScaler()

    def state_dict(self) -> dict:
        return {"slots": slots_of(self.optimiser, self.named), "scaler": self.scaler and self.scaler.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        give_slots(self.optimiser, self.named, state["slots"])
        if self.scaler and state["scaler"]:
            self.scaler.load_state_dict(state["scaler"])

    def reset(self) -> None:
        """Forgets all momentum."""
        schedule, parameters = self.schedule, list(self.named.values())
        decay = schedule["weightDecay"]
        if schedule["optimiser"] == "adam":
            self.optimiser: torch.optim.Optimizer = torch.optim.Adam(parameters, weight_decay=decay)
        else:
            momentum = schedule["momentum"]
            nesterov = schedule["nesterov"] and momentum > 0
            self.optimiser = torch.optim.SGD(
                parameters, lr=1, momentum=momentum, nesterov=nesterov, weight_decay=decay
            )

    def step(self, labels: torch.Tensor, hints: Optional[torch.Tensor], rate: float) -> None:
        """`labels`, `hints`: both parts of the objective, scalars; `hints` is None without losses of distillation."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        # A parameter that no loss reaches stays as it is.
        self.optimiser.zero_grad(set_to_none=True)
        objective = labels if hints is None else labels + hints
        if self.scaler is None:
            objective.backward()
            self.optimiser.step()
        else:
            self.scaler.scale(objective).backward()
            self.scaler.step(self.optimiser)
            self.scaler.update()
