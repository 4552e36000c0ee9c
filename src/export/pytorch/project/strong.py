"""A strongly changed view of each image, for losses that compare two views."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from batches import Moves
from streams import Stream

if TYPE_CHECKING:
    from batches import Drawn
    from processes import Part
    from run import Run


class StrongViews:
    """Moves by up to an eighth of the side, a new contrast and brightness, and a square of black."""

    def __init__(self, run: Run) -> None:
        self.run = run
        description = run.description
        height, width, _ = description["student"]["input"]
        self.sides = height, width
        self.square = max(1, int(min(height, width) / 4 + 0.5))
        self.stream = Stream(run.recipe["seed"], "augmentation/strong")
        self.moves = Moves(max(1, int(min(height, width) / 8 + 0.5)), False, self.stream)

    def state_dict(self) -> dict:
        return self.stream.state_dict()

    def load_state_dict(self, state: dict) -> None:
        self.stream.load_state_dict(state)

    def draw(self, count: int) -> tuple:
        """Of an image each: its move, contrast, brightness, and the corner of the square."""
        moves = self.moves.draw(count)
        height, width = self.sides
        return moves, [
            (
                0.5 + self.stream.uniform(),
                self.stream.uniform() - 0.5,
                self.stream.below(height - self.square + 1),
                self.stream.below(width - self.square + 1),
            )
            for _ in range(count)
        ]

    def traces(self, drawn: Drawn, part: Part) -> tuple:
        """Of student and teacher for a process's part of a step (`batches.py`); running statistics follow the plain view
        alone."""
        run = self.run
        moves, changes = self.draw(len(drawn.rows))
        moves, changes = part.of(moves), part.of(changes)
        drawn = drawn.of(part)
        student, teacher = run.views(run.train, drawn.rows, moves, drawn.partners)
        shown = self.changed(teacher, changes)
        seen = shown if teacher is student else self.changed(student, changes)
        return run.learner.student.glance(seen), run.teacher(shown, drawn) if run.teacher else None

    def changed(self, images: torch.Tensor, changes: list) -> torch.Tensor:
        images = images.clone()
        by = images.shape[2] // self.sides[0]
        for image, (contrast, brightness, top, left) in zip(images, changes):
            image.mul_(contrast).add_(brightness)
            # The mean is 0 after normalising.
            image[:, top * by : (top + self.square) * by, left * by : (left + self.square) * by] = 0
        return images
