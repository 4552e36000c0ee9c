"""What all teachers have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

import torch
from torch import nn

import weights
from hints import shifted
from learner import path
from networks import make_teachers
from networks.base import Trace, example_trace

if TYPE_CHECKING:
    from batches import Drawn
    from data import Split
    from run import Step
    from tasks import Task


@dataclass
class Stage:
    """A stage of the student's schedule that begins now: its learning-rate curve starts again and spans `steps`."""

    steps: int
    resets: bool


class Teacher:
    """A teacher that stands still: one network, or several whose outputs are averaged.

    The trace of several is that of the first one, with the outputs of all.
    """

    # Why it runs in one process only; None where it runs in several.
    alone: Optional[str] = None
    # Changes whenever other weights are taken.
    version = 0
    # Of the student's schedule: its highest learning rate, rows of a batch with and without a label, and rows with one.
    highest: float
    split: tuple
    labelled: int

    def __init__(self, description: dict, task: Task, device: torch.device, which: str) -> None:
        self.description, self.task, self.device, self.which = description, task, device, which
        self.knobs = description["recipe"]["teacher"]["knobs"]
        self.corruption = self.knobs.get("corruption", "none")
        if self.corruption == "other-images":
            self.alone = "The teacher's answers are mixed up within a batch, which one process must hold."
        self.networks = self.joined(make_teachers())
        self._load()
        self.begin()

    def _load(self) -> None:
        for network, member in zip(self.networks, self.description["teachers"]):
            weights.load_into(network, path("weights", self.file_of(member)))
            network.to(self.device)

    def file_of(self, member: dict) -> str:
        return member["start"] if self.which == "start" and "start" in member else member["weights"]

    def joined(self, networks: list) -> list:
        """What weights are loaded into: the networks themselves."""
        return networks

    def begin(self) -> None:
        """Makes what a kind has beside its networks."""

    def meet(self, train: Split, test: Split, views: Any) -> Any:
        """Before a run: sees the data. Returns how student and teacher see their rows (`views.py`)."""
        return views

    def example(self) -> Trace:
        """Of one instance, for the shapes of its maps."""
        return example_trace(self.networks[0], self.description["teachers"][0]["input"])

    def learners(self) -> dict:
        """Networks and optimisers that change during the run, by name, for checkpoints."""
        return {}

    def state_dict(self) -> dict:
        return {name: each.state_dict() for name, each in self.learners().items()}

    def load_state_dict(self, state: dict) -> None:
        for name, each in self.learners().items():
            each.load_state_dict(state[name])

    @property
    def frozen(self) -> Any:
        """The network, where it is a single one that stands still."""
        return self.networks[0] if len(self.networks) == 1 else None

    def traces(self, inputs: torch.Tensor) -> list[Trace]:
        return [network(inputs) for network in self.networks]

    def together(self, outputs: torch.Tensor) -> torch.Tensor:
        """Outputs of all members [M,B,outputs] as one [B,outputs]."""
        probabilities = self.knobs.get("average") == "probabilities"
        return self.task.mean_probabilities(outputs) if probabilities else outputs.mean(0)

    @torch.no_grad()
    def answer(self, inputs: torch.Tensor) -> Trace:
        """The trace in evaluation mode, as it stands."""
        for network in self.networks:
            network.eval()
        return self._joined(self.traces(inputs))

    def _joined(self, traces: list[Trace]) -> Trace:
        if len(traces) == 1:
            return traces[0]
        return {**traces[0], "logits": self.together(torch.stack([trace["logits"] for trace in traces]))}

    def __call__(self, inputs: torch.Tensor, drawn: Drawn) -> Trace:
        """The trace of a step (`batches.py`), as the student is shown it: a constant."""
        return self.corrupted(self.answer(inputs))

    def corrupted(self, trace: Trace) -> Trace:
        if self.corruption == "other-images":
            return shifted(trace)
        return {**trace, "logits": self.rotated(trace["logits"])}

    def rotated(self, logits: torch.Tensor) -> torch.Tensor:
        """Upper half of the classes moved on by one, if the recipe says so."""
        if self.corruption != "rotated":
            return logits
        half = logits.shape[1] // 2
        return torch.cat([logits[:, :half], logits[:, -1:], logits[:, half:-1]], 1)

    def answers(self, inputs: torch.Tensor) -> torch.Tensor:
        """Logits of inputs that a loss has moved, differentiable by them."""
        for network in self.networks:
            network.eval()
        return self.rotated(self._joined(self.traces(inputs))["logits"])

    def shown(self, logits: torch.Tensor) -> torch.Tensor:
        """Such logits as the student is shown them."""
        return logits.roll(1, 0) if self.corruption == "other-images" else logits

    def advance(self, number: int, steps: int, student_logits: Callable) -> Optional[Stage]:
        """Before a step, counted from 0: may take other weights, and begin a `Stage` of the student's schedule.

        `student_logits`: from a split, or some of its rows, to the student's outputs.
        """

    def stand_still(self) -> None:
        """Takes the weights with which the page computed the losses that `check.py` compares."""

    def lead(self, step: Step, rate: float) -> None:
        """What it learns of a step (`run.py`) before the student does."""

    def learn(self, step: Step, student: torch.Tensor, rate: float) -> None:
        """What it learns after the student's update; `student`: its logits [B,outputs] before it."""

    @staticmethod
    def through(network: nn.Module, inputs: torch.Tensor, labelled: int) -> Trace:
        """How a batch passes a network in a step: all rows at once."""
        return network(inputs)

    def weight(self) -> float:
        """Factor of the student's objective in this step."""
        return 1.0
