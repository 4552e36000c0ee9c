"""A teacher whose answers were written down for every instance of the page's data: no network is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional

import torch

import weights
from learner import path
from networks.base import Trace

from .base import Teacher as Base

if TYPE_CHECKING:
    from data import Split


class Numbered:
    """Views (`views.py`) of a student whose teacher is told which instances these are: their numbers, those of test last."""

    def __init__(self, views: Any, train: Split, test: Split) -> None:
        self.views = views
        self.first = {train: 0, test: len(train.inputs)}
        self.range = views.range

    def __call__(
        self, split: Split, rows: Sequence, moves: Optional[list] = None, partners: Optional[list] = None
    ) -> tuple:
        seen, _ = self.views(split, rows, moves)
        return seen, torch.tensor(partners or rows, device=seen.device) + self.first[split]


class Teacher(Base):
    """Its inputs are numbers of instances [B], as `Numbered` gives them.

    `description["answers"]` names the file with a table for each part of the trace (`trace`), and says how many instances
    of training and of test it is about. Maps are [N,H,W,C] there.
    """

    def begin(self) -> None:
        self.about = self.description["answers"]
        tables = weights.load(path("weights", self.about["weights"]))
        # They may be larger than a card's memory.
        self.tables = {name: table.permute(0, 3, 1, 2) if table.dim() == 4 else table for name, table in tables.items()}

    def meet(self, train: Split, test: Split, views: Any) -> Numbered:
        known = {"training": (train, self.about["train"]), "test": (test, self.about["test"])}
        for name, (split, count) in known.items():
            is_other = split is train and split.places is None
            if count and (is_other or len(split.inputs) != count):
                raise SystemExit(
                    f"The teacher's answers are for the {count} {name} instances of the page, in their order, and data/ "
                    "holds others. Take the data that the folder came with, or a recipe whose teacher is a network."
                )
        return Numbered(views, train, test)

    def example(self) -> Trace:
        return self.answer(torch.zeros(1, dtype=torch.int64))

    def part(self, name: Optional[str], numbers: torch.Tensor) -> torch.Tensor:
        """[B,...] of one table; zeros [B,1] in the place of what no loss reads."""
        if name is None:
            return torch.zeros(len(numbers), 1, device=self.device)
        return self.tables[name][numbers.cpu()].to(self.device)

    def answer(self, inputs: torch.Tensor) -> Trace:
        named = self.about["trace"]
        return {
            "logits": self.part(named["logits"], inputs),
            "embedding": self.part(named["embedding"], inputs),
            "stem": self.part(named["stem"], inputs),
            "stages": [self.part(name, inputs) for name in named["stages"]],
            "pre_activations": [],
            "maps": [],
            "more": {},
        }

    def answers(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.rotated(self.answer(inputs)["logits"])
