"""What changes over a run by a rule: the learning rate, and whether the distillation losses count."""

from __future__ import annotations

import math


def learning_rate(step: int, steps: int, highest: float, schedule: dict) -> float:
    """Of step 0, 1, ..., steps - 1."""
    warmup = math.floor(schedule["warmup"] / 100 * steps + 0.5)
    if step < warmup:
        return highest * (step + 1) / (warmup + 1)
    if schedule["curve"] == "cosine":
        return highest * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2
    if schedule["curve"] == "steps":
        return highest * 0.1 ** sum(step >= share * steps for share in (0.625, 0.75, 0.875))
    if schedule["curve"] == "inverse":
        return highest * (1 + 10 * step / steps) ** -0.75
    return highest


def distils(progress: float, schedule: dict) -> bool:
    """Whether the distillation losses count at `progress` (0..1) of the run; later the labels alone do, with weight 1."""
    return progress < schedule["distilUntil"] / 100 or schedule["distilUntil"] == 100
