"""RKD: Park et al. 2019."""

from __future__ import annotations

import torch

from networks.base import Trace

from .base import Batch, Hint
from .vectors import unit_rows, vectors_of


def huber(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    distance = (a - b).abs()
    inner = distance.clamp_max(1)
    return 0.5 * inner.square() + (distance - inner)


def relative_distances(x: torch.Tensor) -> torch.Tensor:
    squares = x.square().sum(1)
    apart = squares[:, None] + squares[None, :] - 2 * x @ x.t()
    distances = apart.clamp_min(1e-12).sqrt() * (1 - torch.eye(len(x), device=x.device))
    mean = distances.sum() / (distances > 0).sum().clamp_min(1)
    # The floor is for a single image, which has no distance.
    return distances / mean.clamp_min(1e-12)


def angles(x: torch.Tensor) -> torch.Tensor:
    direction = unit_rows(x[None] - x[:, None])
    return direction @ direction.transpose(1, 2)


def relational(
    student: torch.Tensor, teacher: torch.Tensor, distance_weight: float, angle_weight: float, with_angles: int
) -> torch.Tensor:
    """`with_angles`: so many instances, the first ones, have their angles compared."""
    distance = huber(relative_distances(student), relative_distances(teacher)).mean(1)
    batch, count = len(student), min(len(student), with_angles)
    angle = huber(angles(student[:count]), angles(teacher[:count])).mean((1, 2))
    # The mean over the batch is the mean over those that have angles.
    angle = torch.nn.functional.pad(angle, (0, batch - count)) * (batch / count)
    return distance_weight * distance + angle_weight * angle


class Loss(Hint):
    compares = True

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k = self.knobs
        own, theirs = (vectors_of(trace, k) for trace in (student, teacher))
        return relational(own, theirs, k["distanceWeight"], k["angleWeight"], int(k["angleImages"]))
