"""How student and teacher see the instances: changed as the recipe says, and normalised."""

from __future__ import annotations

from typing import Optional, Union

import torch

from batches import moved


def make_views(description: dict, device: torch.device) -> Union[Images, Columns]:
    """A function from inputs as `data.py` holds them to what student and teacher read, a pair."""
    kind = Images if description["input"]["kind"] == "image" else Columns
    return kind(description, device)


class Images:
    """[B,C,H,W] from 0 to 255, halved and moved if the recipe says so. The student may see half the size of what the
    teacher sees, moved alike."""

    def __init__(self, description: dict, device: torch.device) -> None:
        self.halved = description["recipe"]["material"]["halve"]
        self.half = description["recipe"]["student"]["view"] == "half"
        self.student = Scale(description["mean"], description["deviation"])
        other = "teacherMean" in description
        self.teacher = Scale(description["teacherMean"], description["teacherDeviation"]) if other else None
        self.device = device

    def __call__(self, pixels: torch.Tensor, moves: Optional[list] = None) -> tuple:
        x = pixels.to(self.device).float()
        if self.halved:
            x = torch.nn.functional.avg_pool2d(x, 2)
        if moves is not None:
            x = moved(x, moves, 2 if self.half else 1)
        seen = self.student(torch.nn.functional.avg_pool2d(x, 2) if self.half else x)
        return seen, seen if self.teacher is None else self.teacher(x)

    def range(self, inputs: torch.Tensor) -> tuple:
        """Least and greatest value of a pixel, as the student sees it."""
        return tuple(self.student(torch.tensor(byte, device=self.device)) for byte in (0.0, 255.0))


class Scale:
    """From pixels to what a network reads; mean and deviation are of pixels from 0 to 1."""

    def __init__(self, mean: float, deviation: float) -> None:
        self.factor, self.offset = 1 / (255 * deviation), -mean / deviation

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        return pixels * self.factor + self.offset


class Columns:
    """Rows of a table [B,D], each column by its own mean and deviation; both see the same."""

    def __init__(self, description: dict, device: torch.device) -> None:
        # In double precision, since a column may be far from zero for its deviation.
        self.mean = torch.tensor(description["mean"], dtype=torch.float64)
        self.deviation = torch.tensor(description["deviation"], dtype=torch.float64)
        self.device = device

    def __call__(self, rows: torch.Tensor, moves: Optional[list] = None) -> tuple:
        seen = ((rows.double() - self.mean) / self.deviation).float().to(self.device)
        return seen, seen

    def range(self, inputs: torch.Tensor) -> tuple:
        """Least and greatest value of each column in these rows."""
        seen, _ = self(inputs)
        return seen.amin(0), seen.amax(0)

