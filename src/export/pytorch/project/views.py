"""How student and teacher see the instances: changed as the recipe says, and normalised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Optional, Union

import torch
import torch.nn.functional as F

from batches import moved

if TYPE_CHECKING:
    from data import Split


def make_views(description: dict, device: torch.device) -> Union[Images, Columns]:
    """A function from rows of a split (`data.py`) to what student and teacher read, a pair.

    With `moves` the images are moved (`batches.py`); `partners` are the rows that the teacher looks at, where these are
    others.
    """
    kind = Images if description["input"]["kind"] == "image" else Columns
    return kind(description, device)


class Images:
    """[B,C,H,W] from 0 to 255, halved and moved if the recipe says so. The student may see half the size of what the
    teacher sees, and the teacher pictures of its own (`Split.shown`), moved alike."""

    def __init__(self, description: dict, device: torch.device) -> None:
        self.halved = description["recipe"]["material"]["halve"]
        self.half = description["recipe"]["student"]["view"] == "half"
        self.student = Scale(description["mean"], description["deviation"])
        other = "teacherMean" in description
        self.teacher = Scale(description["teacherMean"], description["teacherDeviation"]) if other else None
        self.device = device

    def __call__(
        self, split: Split, rows: Sequence, moves: Optional[list] = None, partners: Optional[list] = None
    ) -> tuple:
        x = self.changed(split.inputs[rows], moves)
        seen = self.student(F.avg_pool2d(x, 2) if self.half else x)
        if partners or split.shown is not None:
            pictures = split.inputs if split.shown is None else split.shown
            x = self.changed(pictures[partners or rows], moves)
        elif self.teacher is None:
            return seen, seen
        return seen, (self.teacher or self.student)(x)

    def changed(self, pixels: torch.Tensor, moves: Optional[list]) -> torch.Tensor:
        x = pixels.to(self.device).float()
        if self.halved:
            x = F.avg_pool2d(x, 2)
        return x if moves is None else moved(x, moves, 2 if self.half else 1)

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

    def __call__(
        self, split: Split, rows: Sequence, moves: Optional[list] = None, partners: Optional[list] = None
    ) -> tuple:
        seen = self.scaled(split.inputs[rows])
        return seen, self.scaled(split.inputs[partners]) if partners else seen

    def scaled(self, columns: torch.Tensor) -> torch.Tensor:
        return ((columns.double() - self.mean) / self.deviation).float().to(self.device)

    def range(self, inputs: torch.Tensor) -> tuple:
        """Least and greatest value of each column in these rows."""
        seen = self.scaled(inputs)
        return seen.amin(0), seen.amax(0)

