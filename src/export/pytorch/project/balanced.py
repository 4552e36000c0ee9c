"""Draws stimuli so that each class that the teacher sees in them comes up equally often."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from run import Run
    from streams import Stream


class Stimuli:
    """The unlabelled rows of a run (`run.py`), and what its teacher takes them for."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.version: Optional[int] = None
        self.sums: list[float] = []

    def running_sums(self) -> list[float]:
        """Of the shares with which rows are drawn, as the teacher is now."""
        if self.version != self.run.teacher.version:
            self.version = self.run.teacher.version
            tops = self.top_classes()
            counts = Counter(tops)
            self.sums = list(accumulate(1 / (len(counts) * counts[top]) for top in tops))
        return self.sums

    def top_classes(self) -> list:
        run = self.run
        inputs = run.train.inputs[run.train.rows("unlabelled")]
        return run.logits(lambda seen: run.teacher.answers(seen[1]), inputs).argmax(1).tolist()

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
        return {"stream": self.stream.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        self.stream.load_state_dict(state["stream"])
