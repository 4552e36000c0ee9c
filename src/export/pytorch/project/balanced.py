"""Draws stimuli so that each class that the teacher sees in them comes up equally often."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, Optional

import torch

if TYPE_CHECKING:
    from run import Run
    from streams import Stream


class Stimuli:
    """The unlabelled rows of a run (`run.py`), and what its teacher takes them for."""

    def __init__(self, run: Run) -> None:
        self.run = run
        # Of the teacher when it was asked.
        self.version: Optional[int] = None
        # The class that it saw in each row.
        self.tops: list[int] = []
        # Of the shares with which rows are drawn.
        self.sums: list[float] = []

    def running_sums(self) -> list[float]:
        """With the weights that the teacher has taken up; with those of the last evaluation where it learns in each step."""
        if self.version != self.run.teacher.version:
            self.take(self.top_classes())
        return self.sums

    def forget(self) -> None:
        """Has a teacher that changes during the run asked again."""
        if self.run.teacher.learners():
            self.version, self.tops = None, []

    def take(self, tops: list[int]) -> None:
        self.version, self.tops = self.run.teacher.version, tops
        counts = Counter(tops)
        self.sums = list(accumulate(1 / (len(counts) * counts[top]) for top in tops))

    def top_classes(self) -> list:
        run = self.run
        rows = run.train.rows("unlabelled")
        return run.logits(lambda seen: run.teacher.answers(seen[1]), run.train, rows).argmax(1).tolist()

    def order(self, rows: range, batch: int, stream: Stream) -> Balanced:
        return Balanced(self, rows, batch, stream)


class Balanced:
    """Rows of batches, each drawn for itself (`batches.Order` has epochs)."""

    def __init__(self, stimuli: Stimuli, rows: range, batch: int, stream: Stream) -> None:
        self.stimuli, self.rows, self.batch, self.stream = stimuli, rows, min(batch, len(rows)), stream

    def next(self) -> list:
        sums = self.stimuli.running_sums()
        return [min(bisect_right(sums, self.stream.uniform() * sums[-1]), len(sums) - 1) for _ in range(self.batch)]

    def state_dict(self) -> dict:
        return {"stream": self.stream.state_dict(), "tops": torch.tensor(self.stimuli.tops)}

    def load_state_dict(self, state: dict) -> None:
        self.stream.load_state_dict(state["stream"])
        if len(state["tops"]):
            self.stimuli.take(state["tops"].tolist())
