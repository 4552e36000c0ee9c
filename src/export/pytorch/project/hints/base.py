"""What the losses have in common. Maps are [B,C,H,W]."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Callable, Optional, Union

import torch
from torch import nn
import torch.nn.functional as F

from networks.base import Network, Trace, over_trace
from processes import Part, WholeTrace
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
    """What a loss may ask of a step: of the rows that this process computes, or of all (`whole`).

    inputs, teacher_inputs: as student and teacher see them
    strong: traces of student and teacher of a strongly changed view of each, where a loss asks for one
    targets: labels as one-hot [B,C], zeros without a label; where targets are no classes, what `tasks.py` encodes
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

    def whole(self) -> Batch:
        """The same of all rows of the step."""
        gather, strong = self.part.whole, self.strong
        return replace(
            self,
            inputs=gather(self.inputs),
            teacher_inputs=gather(self.teacher_inputs),
            targets=gather(self.targets),
            rows=gather(self.rows),
            part=Part(self.part.count),
            strong=strong and tuple(trace and WholeTrace(trace, self.part) for trace in strong),
        )


class Hint(nn.Module):
    """One entry of the recipe's hints: its loss, and what it trains beside the student."""

    # Whether the loss of an image may be below zero.
    may_be_negative = False
    # Whether an instance's loss depends on others of the batch, on their number, or on its place among them. It then reads
    # all rows of a step, and else those of its process.
    compares = False
    # Why it runs in one process only; None where it runs in several.
    alone: Optional[str] = None

    def __init__(self, entry: dict, key: str, facts: Facts, student: Trace, teacher: Trace) -> None:
        super().__init__()
        self.key = key
        self.knobs: dict = {name: number(value) for name, value in entry["knobs"].items()}
        self.shuffled = entry["shuffled"]
        self.compares = self.compares or self.shuffled
        self.facts = facts
        self.build(student, teacher)

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


# --- answers ---------------------------------------------------------------------------------------------------------


def divergence(log_p: torch.Tensor, log_q: torch.Tensor) -> torch.Tensor:
    """KL(p || q) over the last axis, [...]. `log_p`, `log_q`: logarithms [...,C] of shares, which add up to 1.

    With r = log p - log q its terms are p (r + exp(-r) - 1). Those of p r have the same sum, but cancel where p and q are
    nearly equal, as at high temperatures.
    """
    p, r = log_p.exp(), log_p - log_q
    near = r.clamp(-1, 1)
    return torch.where(r.abs() < 1, p * (near + torch.expm1(-near)), p * r + (log_q.exp() - p)).sum(-1)


# --- labels ----------------------------------------------------------------------------------------------------------


def targets_of(one_hot: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """One-hot [B,C]: the label where there is one, else the teacher's top class."""
    answers = F.one_hot(teacher.argmax(1), one_hot.shape[1]).float()
    return one_hot + answers * (1 - one_hot.sum(1, keepdim=True))


def over_labelled(losses: torch.Tensor, one_hot: torch.Tensor) -> torch.Tensor:
    """Scaled so that the mean over the batch is the mean over the labelled images."""
    return losses * (len(one_hot) / one_hot.sum().clamp_min(1))


# --- maps ------------------------------------------------------------------------------------------------------------


def pair_stages(students: int, teachers: int) -> list:
    """Which teacher stage each student stage learns from: evenly spread, the last ones always paired."""
    pairs = min(students, teachers)
    return [((i + 1) * students // pairs - 1, (i + 1) * teachers // pairs - 1) for i in range(pairs)]


def match_sides(a: torch.Tensor, b: torch.Tensor) -> tuple:
    """Pools the larger of two maps to the smaller one's height and width."""
    sides = (min(a.shape[2], b.shape[2]), min(a.shape[3], b.shape[3]))
    return F.adaptive_avg_pool2d(a, sides), F.adaptive_avg_pool2d(b, sides)


def added(losses: Iterable[torch.Tensor]) -> torch.Tensor:
    """The sum of one or more losses [B], from the first to the last."""
    return reduce(torch.add, losses)


def mean_square(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a - b).square().flatten(1).mean(1)


def unit_rows(rows: torch.Tensor) -> torch.Tensor:
    """Rows of length 1; the floor keeps the gradient of a row of zeros finite."""
    return rows / rows.square().sum(-1, keepdim=True).clamp_min(1e-24).sqrt()


def stage_of(trace: Trace, number: int) -> torch.Tensor:
    """0 is the stem, 1..n the stages, more means the last."""
    return trace["stem"] if number == 0 else trace["stages"][min(number, len(trace["stages"])) - 1]


# --- relations of images ---------------------------------------------------------------------------------------------


def vectors_of(trace: Trace, knobs: dict) -> torch.Tensor:
    """What stands for the images, [B,D]: the embeddings, or the logits where the recipe compares those."""
    return trace["logits"] if knobs["space"] == "logits" else trace["embedding"]
