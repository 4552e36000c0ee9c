"""What the losses have in common. Maps are [B,C,H,W]."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Callable, Optional, Union

import torch
from torch import nn

from networks.base import Network, Trace, over_trace
from processes import GatheredTrace, Part
from streams import Stream

from .prelude import Prelude


@dataclass
class Facts:
    """What a loss may ask of the run when it is made.

    student: name of its network
    batch: instances per step
    labels: class of each row that the student sees, as it is given; -1 for none
    low, high: least and greatest value of an input
    teacher_knobs: of the recipe's teacher
    network: the teacher's, where it is a single one that stands still; else None
    """

    student: str
    batch: int
    labels: list
    low: torch.Tensor
    high: torch.Tensor
    teacher_knobs: dict
    network: Optional[Network]


@dataclass
class Batch:
    """What a loss may ask of a step: of the rows that this process computes, or of all (`gathered`).

    inputs, teacher_inputs: as student and teacher see them
    strong: traces of student and teacher of a strongly changed view of each, where a loss asks for one
    targets: labels as one-hot [B,C], zeros without a label; where targets are no classes, what the task encodes
    labelled: how many rows have a target, the first ones
    rows: [B] places among the rows that the student sees
    part: which rows of the step these are
    progress: of the run, 0..1
    rate: the learning rate as a share of the highest one
    draws: a stream of random numbers for the loss of a key, in this step alone
    student: the network, for passes over other inputs
    answers: the teacher's logits of other inputs, in evaluation mode; None without a teacher
    shown: such logits as the student is shown them; None without a teacher
    records: whether what a loss finds out is that of the step, for `after_step`
    """

    inputs: torch.Tensor
    teacher_inputs: torch.Tensor
    targets: torch.Tensor
    rows: torch.Tensor
    part: Part
    labelled: int
    progress: float
    rate: float
    draws: Callable[[str], Stream]
    student: Network
    answers: Optional[Callable[[torch.Tensor], torch.Tensor]] = None
    shown: Optional[Callable[[torch.Tensor], torch.Tensor]] = None
    strong: Optional[tuple] = None
    records: bool = True

    def gathered(self) -> Batch:
        """The same of all rows of the step."""
        gather, strong = self.part.gather, self.strong
        return replace(
            self,
            inputs=gather(self.inputs),
            teacher_inputs=gather(self.teacher_inputs),
            targets=gather(self.targets),
            rows=gather(self.rows),
            part=Part(self.part.count),
            strong=strong and tuple(trace and GatheredTrace(trace, self.part) for trace in strong),
        )


class Hint(nn.Module):
    """One entry of the recipe's hints: its loss, and what it trains beside the student."""

    # Whether the loss of an image may be below zero.
    may_be_negative = False
    # Whether an instance's loss depends on others of the batch, on their number, or on its place among them. It then reads
    # all rows of a step, and else those of its process. A loss with batch norm of its own does.
    compares = False
    # Why it runs in one process only; None where it runs in several.
    alone: Optional[str] = None

    def __init__(self, entry: dict, key: str, facts: Facts, student: Trace, teacher: Trace) -> None:
        super().__init__()
        self.key = key
        self.knobs: dict = {name: number(value) for name, value in entry["knobs"].items()}
        self.shuffled = entry["shuffled"]
        self.facts = facts
        self.build(student, teacher)
        has_norm = any(isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)) for module in self.modules())
        self.compares = self.compares or self.shuffled or has_norm

    def build(self, student: Trace, teacher: Trace) -> None:
        """Makes what is trained beside the student, under the names of the page; sizes are those of one instance's traces."""

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        """[B] from the traces of both networks and what else is known of the step (`Batch`)."""
        raise NotImplementedError

    def forward(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        """The teacher's trace is a constant."""
        return self.losses(student, shifted(teacher) if self.shuffled else teacher, batch)

    def prelude(self, steps: int) -> Optional[Prelude]:
        """What it trains before the student's own training (`prelude.py`), if anything. `steps`: of that training."""
        return None

    def after_step(self, student: Trace, teacher: Trace, batch: Batch) -> None:
        """After the student's update, with the traces from before it: takes them into what is remembered."""


def number(value: Union[float, str]) -> Union[float, str]:
    """A knob's value: a float where it is a number."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def shifted(trace: Trace) -> Trace:
    """Each image gets the teacher's trace of the image before it in the batch: a shuffled teacher."""
    return over_trace(trace, lambda x: torch.roll(x, 1, 0))


def no_teacher(batch: int, outputs: int, device: torch.device) -> Trace:
    """The trace of a run without a teacher: the uniform distribution over the classes."""
    zeros = torch.zeros(batch, outputs, device=device)
    return {
        "logits": zeros,
        "embedding": zeros,
        "stem": zeros,
        "stages": [],
        "pre_activations": [],
        "maps": [],
        "more": {},
    }


def added(losses: Iterable[torch.Tensor]) -> torch.Tensor:
    """The sum of one or more losses [B], from the first to the last."""
    return reduce(torch.add, losses)


def mean_square(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a - b).square().flatten(1).mean(1)
