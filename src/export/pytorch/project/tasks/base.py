"""What all tasks have in common. A row of encoded targets holds zeros where the instance has no target, and its loss is 0."""

from __future__ import annotations

import torch


class Task:
    """What all tasks have: the key of their loss, their score with its unit and direction, and their number of outputs."""

    def __init__(self, about: dict) -> None:
        self.loss = about["loss"]
        self.name = about["score"]["name"]
        self.unit = about["score"]["unit"]
        self.better = about["score"]["better"]
        self.outputs = len(about["names"])

    def encode(self, given: torch.Tensor) -> torch.Tensor:
        """[B,width] of targets as `data.py` holds them."""
        raise NotImplementedError

    def has_target(self, targets: torch.Tensor) -> torch.Tensor:
        """[B] 1 where a row of encoded targets has one, else 0."""
        raise NotImplementedError

    def weighed(self, targets: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
        """Encoded targets whose rows count so many times [B] in the loss."""
        return torch.cat([targets[:, :-1], targets[:, -1:] * factors[:, None]], 1)

    def losses(self, output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """[B] from outputs [B,outputs] and encoded targets."""
        raise NotImplementedError

    def states(self, student: torch.Tensor, teacher: torch.Tensor, targets: torch.Tensor) -> tuple:
        """[B] each, from 0 to about 1: the student's uncertainty, and how close student and teacher are to the target."""
        raise NotImplementedError

    def mean_probabilities(self, outputs: torch.Tensor) -> torch.Tensor:
        """Outputs [B,outputs] that stand for the mean of the probabilities of several networks, [M,B,outputs]."""
        raise NotImplementedError

    def score(self, output: torch.Tensor, targets: torch.Tensor) -> float:
        """Of the outputs [N,outputs] for all instances of a split, from their targets as `data.py` holds them."""
        raise NotImplementedError

    def mean_loss(self, output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Mean over the instances that have a target."""
        return self.losses(output, targets).sum() / self.has_target(targets).sum().clamp_min(1)

    def text(self, score: float) -> str:
        if self.unit == "%":
            return f"{100 * score:.2f} %"
        return f"{score:.5g} {self.unit}".strip()

    def is_equal(self, score: float, other: float, count: int) -> bool:
        """Whether scores of `count` instances are equal but for rounding: one between two answers may fall to either side."""
        if self.unit == "%":
            return abs(score - other) * count < max(1.5, 0.001 * count)
        return abs(score - other) < 1e-3 * max(abs(other), 1e-6)
