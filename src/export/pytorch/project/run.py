"""A run of the recipe: the data, the networks and what belongs to a step."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Callable, Optional

import torch

import data
from batches import Batches, Drawn
from data import Split
from hints import Batch, Facts, no_teacher
from learner import Learner, path
from networks.base import Trace
from processes import Part
from streams import Stream
from tasks import make_task
from teachers import make_teacher
from views import make_views


@dataclass
class Step:
    """What a step computes with.

    inputs: [B,...] as the student sees them, and `shown` as the teacher does, of the rows of this process
    targets: [B,...] as the task encodes them, of all rows; the first `labelled` ones have one
    progress: of the run, 0..1
    part: the rows of this process (`processes.py`), and `drawn` what was drawn for them (`batches.py`)
    """

    inputs: torch.Tensor
    shown: torch.Tensor
    targets: torch.Tensor
    labelled: int
    progress: float
    part: Part
    drawn: Drawn


class Run:
    """All parts of a run. `start`: which weights the student begins with (see `Learner.load`)."""

    def __init__(self, description: dict, device: torch.device, batch: int, start: str = "start") -> None:
        self.description, self.device = description, device
        self.recipe = description["recipe"]
        self.task = make_task(description["task"])
        self.train = data.read_split(description, path("data"), "train")
        self.test = data.read_split(description, path("data"), "test")
        self.views: Any = make_views(description, device)
        self.stimuli = importlib.import_module("balanced").Stimuli(self) if description["balanced"] else None
        self.drawing = {
            "copies": description["copies"],
            "partners": self.recipe["material"]["partner"] == "class" and description["teacherModule"] is not None,
            # A baseline of an experiment: what it has no labels of is not in its batches.
            "labelled_only": description.get("isBaseline", False),
            "unlabelled_order": self.stimuli.order if self.stimuli else None,
        }
        self.batches = Batches(self.recipe, self.train, batch, **self.drawing)
        self.teacher = make_teacher(description, self.task, device, start)
        if self.teacher:
            self.teacher.split = self.batches.split
            self.teacher.labelled = len(self.train.rows("labelled"))
            self.views = self.teacher.meet(self.train, self.test, self.views)
        through = self.teacher and self.teacher.through
        self.learner = Learner(description, self._facts(), self._teacher_example(), through)
        self.learner.load(start)
        self.learner.to(device)

    def _facts(self) -> Facts:
        pool = list(self.batches.pool)
        of_classes = self.train.given.dim() == 1
        low, high = self.views.range(self.train.inputs)
        return Facts(
            student=self.description["student"]["network"],
            batch=self.batches.size,
            labels=self.train.given[pool].tolist() if of_classes else [-1] * len(pool),
            low=low,
            high=high,
            teacher_knobs=self.recipe["teacher"]["knobs"],
            network=self.teacher and self.teacher.frozen,
        )

    def _teacher_example(self) -> Trace:
        """Of one instance, for the shapes of the teacher's maps."""
        return self.teacher.example() if self.teacher else no_teacher(1, self.task.outputs, self.device)

    def step(self, drawn: Drawn, progress: float = 0.0, part: Optional[Part] = None) -> Step:
        """`part`: the rows that this process computes; all without one."""
        part = part or Part(len(drawn.rows))
        own = drawn.of(part)
        inputs, shown = self.views(self.train, own.rows, own.moves, own.partners)
        targets = self.task.encode(self.train.given[drawn.rows]).to(self.device)
        return Step(inputs, shown, targets, drawn.labelled, progress, part, own)

    def trace(self, step: Step) -> Trace:
        """The teacher's of the rows of this process, as the student is shown it."""
        if self.teacher is None:
            return no_teacher(len(step.inputs), self.task.outputs, self.device)
        return self.teacher(step.shown, step.drawn)

    def batch(self, step: Step, number: int, rate: float = 1.0) -> Batch:
        """What the losses may ask of a step; `number` counts from 1."""
        seed, drawn = self.recipe["seed"], step.drawn
        return Batch(
            inputs=step.inputs,
            teacher_inputs=step.shown,
            labelled=drawn.labelled,
            targets=step.targets[step.part.rows],
            rows=torch.tensor(drawn.pool, device=self.device),
            part=step.part,
            progress=step.progress,
            rate=rate,
            draws=lambda key: Stream(seed, f"hint/{key}/{number}"),
            student=self.learner.student,
            answers=self.teacher and self.teacher.answers,
            shown=self.teacher and self.teacher.shown,
        )

    @torch.no_grad()
    def logits(self, answer: Callable, split: Split, rows: Optional[list] = None) -> torch.Tensor:
        """Of all rows of a split, or some, on the processor. `answer`: what student and teacher see, a pair, to outputs."""
        rows = list(range(len(split.inputs))) if rows is None else rows
        parts = [rows[start : start + 500] for start in range(0, len(rows), 500)]
        return torch.cat([answer(self.views(split, part)).cpu() for part in parts])

    def student_logits(self, split: Split, rows: Optional[list] = None) -> torch.Tensor:
        student = self.learner.student.eval()
        return self.logits(lambda seen: student(seen[0])["logits"], split, rows)

    def teacher_logits(self, split: Split) -> torch.Tensor:
        return self.logits(lambda seen: self.teacher.answer(seen[1])["logits"], split)

    def is_scored(self) -> bool:
        """Whether there is a teacher that answers on the test split."""
        return self.teacher is not None and "teacher" in self.description["score"]

    def score_of_student(self) -> float:
        return self.task.score(self.student_logits(self.test), self.test.targets)

    def score_of_teacher(self) -> float:
        return self.task.score(self.teacher_logits(self.test), self.test.targets)
