"""One or several numbers."""

from __future__ import annotations

import torch

from .known_column import WithKnownColumn


class Task(WithKnownColumn):
    """Squared errors of numbers that are brought to mean 0 and deviation 1."""

    def __init__(self, about: dict) -> None:
        super().__init__(about)
        self.mean = torch.tensor(about["scale"]["mean"], dtype=torch.float64)
        self.deviation = torch.tensor(about["scale"]["deviation"], dtype=torch.float64)

    def scaled(self, given: torch.Tensor) -> torch.Tensor:
        return (given - self.mean) / self.deviation

    def losses(self, output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return (output - targets[:, :-1]).square().mean(1) * targets[:, -1]

    def states(self, student: torch.Tensor, teacher: torch.Tensor, targets: torch.Tensor) -> tuple:
        """There is no uncertainty; errors stand for closeness."""
        error = lambda output: (output - targets[:, :-1]).abs().mean(1) * targets[:, -1]
        return torch.zeros(len(student), device=student.device), error(student), error(teacher)

    def mean_probabilities(self, outputs: torch.Tensor) -> torch.Tensor:
        """Numbers are no probabilities: their own mean."""
        return outputs.mean(0)

    def score(self, output: torch.Tensor, targets: torch.Tensor) -> float:
        """Mean absolute error in the unit of the target; of several numbers in their deviations, since units differ."""
        known = ~targets.isnan().any(1)
        answers = output[known].double() * self.deviation + self.mean
        errors = (answers - targets[known]).abs()
        if self.outputs > 1:
            errors = errors / self.deviation
        return errors.mean().item() if len(errors) else 0.0
