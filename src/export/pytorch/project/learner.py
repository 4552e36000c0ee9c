"""What learns: the student, with what its losses train beside it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Callable, Optional

import torch
from torch import nn

import weights
from hints import make_hint
from networks import make_student
from networks.base import Trace, example_trace
from processes import GatheredTrace

if TYPE_CHECKING:
    from hints import Batch, Facts

HERE = os.path.dirname(os.path.abspath(__file__))


def path(*parts: str) -> str:
    return os.path.join(HERE, *parts)


def read_description() -> dict:
    with open(path("recipe.json"), encoding="utf-8") as file:
        return json.load(file)


class Learner(nn.Module):
    """The student with what its hints train, in one module, so that several GPUs keep all of it in step."""

    def __init__(
        self, description: dict, facts: Facts, teacher: Trace, through: Optional[Callable] = None
    ) -> None:
        """`facts`: what a loss may ask of the run (`hints/base.py`); `teacher`: a trace of one instance.

        `through`: how a batch passes the student, from the network, the inputs and how many rows have a target.
        """
        super().__init__()
        # Whether the data are others than the page's.
        self.other_rows = "root" in description
        self.through = through or (lambda network, inputs, labelled: network(inputs))
        self.student = make_student()
        student = example_trace(self.student, description["student"]["input"])
        entries = zip(description["hintKeys"], description["recipe"]["hints"])
        self.hints: Any = nn.ModuleDict({key: make_hint(entry, key, facts, student, teacher) for key, entry in entries})
        # What each loss has read in the last step.
        self.read: list[tuple] = []

    def forward(self, inputs: torch.Tensor, teacher: Trace, batch: Batch) -> tuple:
        """The student's outputs [B,outputs] and the losses [B,H] of its hints, None without, of all rows of the step.

        `inputs`, `teacher`, `batch`: of the rows of this process
        """
        trace = self.through(self.student, inputs, batch.labelled)
        part, own = batch.part, (trace, teacher, batch)
        compares = not part.is_all and any(hint.compares for hint in self.hints.values())
        whole = (GatheredTrace(trace, part), GatheredTrace(teacher, part), batch.gathered()) if compares else own
        read = [whole if hint.compares else own for hint in self.hints.values()]
        if batch.records:
            self.read = read
        losses = [hint(*given) for hint, given in zip(self.hints.values(), read)]
        losses = [each if hint.compares else part.gather(each) for hint, each in zip(self.hints.values(), losses)]
        return part.gather(trace["logits"]), torch.stack(losses, 1) if losses else None

    @torch.no_grad()
    def after_step(self) -> None:
        """Lets losses take the step's traces into what they remember."""
        for hint, given in zip(self.hints.values(), self.read):
            hint.after_step(*given)

    def trained(self) -> dict:
        """The parameters that the student's optimiser moves, by name."""
        return {name: parameter for name, parameter in self.named_parameters() if parameter.requires_grad}

    def load(self, which: str) -> None:
        """First values of the page (`start`), or where the page stopped (`trained`)."""
        name = "student.safetensors" if which == "trained" else "student-start.safetensors"
        weights.load_into(self.student, path("weights", name))
        hints = path("weights", "hints-start.safetensors")
        if os.path.exists(hints):
            weights.load_into(self.hints, hints, self.other_rows)
