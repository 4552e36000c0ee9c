"""A run of the recipe: the data, the networks and what belongs to a step."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Callable, Optional

import torch

import data
from batches import Batches, Drawn
from hints import Batch, Facts, no_teacher
from learner import Learner, path
from networks.base import Trace, example_trace
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
        self.views = make_views(description, device)
        material, teacher = self.recipe["material"], self.recipe["teacher"]
        copied = teacher["knobs"].get("mode") == "augment" and teacher["kind"] == "ensemble"
        self.drawing = {
            "copies": len(description["teachers"]) if copied else 1,
            "partners": material["partner"] == "class" and bool(description["teachers"]),
            # A baseline of an experiment: what it has no labels of is not in its batches.
            "labelled_only": description.get("isBaseline", False),
            "unlabelled_order": importlib.import_module("balanced").Stimuli(self).order if description["balanced"] else None,
        }
        self.batches = Batches(self.recipe, self.train, batch, **self.drawing)
        self.teacher = make_teacher(description, self.task, device, start)
        if self.teacher:
            self.teacher.split = self.batches.split
            self.teacher.labelled = len(self.train.rows("labelled"))
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
        if self.teacher is None:
            return no_teacher(1, self.task.outputs, self.device)
        return example_trace(self.teacher.networks[0], self.description["teachers"][0]["input"])

    def step(self, drawn: Drawn, progress: float = 0.0, part: Optional[Part] = None) -> Step:
        """`part`: the rows that this process computes; all without one."""
        part = part or Part(len(drawn.rows))
        own = drawn.of(part)
        inputs, shown = self.views(self.train.inputs[own.rows], own.moves)
        if own.partners:
            _, shown = self.views(self.train.inputs[own.partners], own.moves)
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
    def logits(self, answer: Callable, inputs: torch.Tensor) -> torch.Tensor:
        """Of all rows, on the processor. `answer`: inputs as student and teacher see them, a pair, to outputs."""
        return torch.cat([answer(self.views(some)).cpu() for some in inputs.split(500)])

    def score(self, answer: Callable) -> float:
        return self.task.score(self.logits(answer, self.test.inputs), self.test.targets)

    def student_logits(self, inputs: torch.Tensor) -> torch.Tensor:
        student = self.learner.student.eval()
        return self.logits(lambda seen: student(seen[0])["logits"], inputs)

    def score_of_student(self) -> float:
        student = self.learner.student.eval()
        return self.score(lambda seen: student(seen[0])["logits"])

    def score_of_teacher(self) -> float:
        return self.score(lambda seen: self.teacher.answer(seen[1])["logits"])
