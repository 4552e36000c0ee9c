"""DOT: an optimiser that keeps the momentum of labels and distillation apart (Zhao et al. 2023)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

import torch

if TYPE_CHECKING:
    from processes import Processes

MOST_MOMENTUM = 0.99


class Descent:
    """Plain SGD with a buffer for the labels, of less momentum, and one for the distillation, of more."""

    def __init__(self, schedule: dict, named: dict, processes: Processes) -> None:
        self.schedule, self.named, self.processes = schedule, named, processes
        self.reset()

    def reset(self) -> None:
        # Of each part of the objective, by the parameter's name.
        self.buffers: dict[str, dict[str, torch.Tensor]] = {"labels": {}, "hints": {}}

    def state_dict(self) -> dict:
        return self.buffers

    def load_state_dict(self, state: dict) -> None:
        for which, buffers in self.buffers.items():
            for name, buffer in state[which].items():
                buffers[name] = buffer.to(self.named[name].device)

    def step(self, labels: torch.Tensor, hints: Optional[torch.Tensor], rate: float) -> None:
        own = self._gradients(labels, hints is not None)
        other = [None] * len(own) if hints is None else self._gradients(hints, False)
        momentum, delta, decay = (self.schedule[key] for key in ("momentum", "delta", "weightDecay"))
        with torch.no_grad():
            for name, a, b in zip(self.named, own, other):
                parameter = self.named[name]
                if a is not None and b is not None:
                    start = parameter.clone()
                    self._move(name, "labels", a + decay * start, momentum - delta, rate)
                    self._move(name, "hints", b, momentum + delta, rate)
                elif a is not None or b is not None:
                    which = "labels" if b is None else "hints"
                    self._move(name, which, (a if b is None else b) + decay * parameter, momentum, rate)

    def _gradients(self, loss: torch.Tensor, retain: bool) -> tuple:
        """Of one part of the objective, which DistributedDataParallel would join with the other."""
        parameters = list(self.named.values())
        return self.processes.average(torch.autograd.grad(loss, parameters, retain_graph=retain, allow_unused=True))

    def _move(self, name: str, which: str, gradient: torch.Tensor, momentum: float, rate: float) -> None:
        buffers = self.buffers[which]
        buffer = buffers.get(name)
        momentum = min(max(momentum, 0), MOST_MOMENTUM)
        buffers[name] = gradient.clone() if buffer is None else buffer.mul_(momentum).add_(gradient)
        self.named[name].sub_(buffers[name], alpha=rate)
