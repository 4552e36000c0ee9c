"""A step of the student."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

import torch
from torch import nn

from networks.base import Trace
from optimisers import make_descent
from schedule import distils, learning_rate
from weighting import make_weighting

if TYPE_CHECKING:
    from hints import Batch
    from processes import Processes
    from run import Run, Step


@dataclass
class Seen:
    """What a step has found out about each instance, for the weighting: constants but for `balanced`.

    rows: [B] places among the rows that the student sees
    targets: [B,width] as the task encodes them
    task_losses: [B], 0 without a target
    balanced: [B,H] losses of the hints as they count
    student, teacher: [B,outputs]
    progress: of the run, 0..1
    """

    rows: torch.Tensor
    targets: torch.Tensor
    task_losses: torch.Tensor
    balanced: torch.Tensor
    student: torch.Tensor
    teacher: torch.Tensor
    progress: float


class Training:
    """Steps of the student. `model` is the run's learner, or what keeps it in step over several processes."""

    def __init__(self, run: Run, processes: Processes, hypergradient: str = "exact", scales: bool = False) -> None:
        """`scales`: whether losses are scaled, since gradients in half precision would vanish."""
        recipe = run.recipe
        self.run, self.processes = run, processes
        self.model: nn.Module = run.learner
        self.schedule = recipe["schedule"]
        self.steps, self.highest = self.schedule["steps"], self.schedule["learningRate"]
        # Steps that have been taken.
        self.done = 0
        self.descent = make_descent(run.description, run.learner.trained(), processes)
        if scales:
            self.descent.scale()
        self.weighting: Any = make_weighting(run) if recipe["hints"] else None
        self.hypergradient = hypergradient
        strong = run.description["strongView"]
        self.strong = importlib.import_module("strong").StrongViews(run) if strong else None
        # Of the present step: the learning rate, and the factor of the whole objective.
        self.rate_now, self.factor = 0.0, 1.0
        if run.teacher:
            run.teacher.highest = self.highest
        # Where the present stage of the schedule began, and how long it is.
        self.begun, self.staged = 0, self.steps

    def why_alone(self) -> Optional[str]:
        """Why it runs in one process only; None where it runs in several."""
        parts = [self.run.teacher, *self.run.learner.hints.values()]
        return next((part.alone for part in parts if part is not None and part.alone), None)

    def looks_ahead(self) -> bool:
        """Whether the weighting looks at the student's next step (HKD)."""
        return bool(self.weighting and self.weighting.looks_ahead)

    def why_not_f16(self) -> Optional[str]:
        """Why losses cannot be scaled, None where they can."""
        if self.schedule["optimiser"] == "dot" or self.looks_ahead():
            return "Its gradients are taken apart, and half precision needs a common factor for all."
        if self.run.teacher and self.run.teacher.learners():
            return "Its teacher changes during the run, in steps that half precision does not fit."
        return None

    def parts(self) -> dict:
        """What has a state, by name, for checkpoints."""
        parts = {
            "learner": self.run.learner,
            "descent": self.descent,
            "weighting": self.weighting,
            "teacher": self.run.teacher,
            "batches": self.run.batches,
            "strong": self.strong,
            "stage": self,
        }
        return {name: part for name, part in parts.items() if part is not None}

    def state_dict(self) -> dict:
        """Where the stage of the schedule began, and how long it is."""
        return {"begun": self.begun, "staged": self.staged}

    def load_state_dict(self, state: dict) -> None:
        self.begun, self.staged = state["begun"], state["staged"]

    def rate(self, step: int) -> float:
        done = min(step - self.begun, self.staged - 1)
        return learning_rate(done, self.staged, self.highest, self.schedule)

    def step(self) -> dict:
        """The next step: its losses by name, as floats."""
        run, teacher, number = self.run, self.run.teacher, self.done
        progress = number / self.steps
        self._advance(number)
        rate = self.rate_now = self.rate(number)
        drawn = run.batches.next()
        part = self.processes.part(len(drawn.rows))
        step = run.step(drawn, progress, part)
        self.model.train()
        if teacher:
            teacher.lead(step, rate)
        trace = run.trace(step)
        batch = run.batch(step, number + 1, rate / self.highest)
        if self.strong:
            batch.strong = self.strong.traces(drawn, part)
        output, losses = self.model(step.inputs, trace, batch)
        own = run.task.mean_loss(output, step.targets)
        label_weight = run.recipe["objective"]["ceWeight"] if distils(progress, self.schedule) else 1
        self.factor = teacher.weight() if teacher else 1.0
        labels, hints = self.factor * label_weight * own, None
        if self.weighting:
            rows = torch.tensor(drawn.pool, device=run.device)
            hints = self.factor * self._weighted(number, step, rows, batch, trace, output, losses, labels)
        parts = [labels, hints]
        logits = output.detach()
        self.descent.step(*parts, rate)
        run.learner.after_step()
        if self.weighting:
            self.weighting.observe(losses)
        if teacher:
            teacher.learn(step, logits, rate)
        self.done += 1
        if run.stimuli and self.done % self.schedule["evaluateEvery"] == 0:
            run.stimuli.forget()
        return self._told(parts, own, losses)

    def _advance(self, number: int) -> None:
        stage = self.run.teacher and self.run.teacher.advance(number, self.steps, self.run.student_logits)
        if stage:
            self.begun, self.staged = number, stage.steps
            if stage.resets:
                self.descent.reset()

    def _weighted(
        self,
        number: int,
        step: Step,
        rows: torch.Tensor,
        batch: Batch,
        trace: Trace,
        output: torch.Tensor,
        losses: torch.Tensor,
        labels: torch.Tensor,
    ) -> torch.Tensor:
        """Mean over the instances of the weighted losses. `rows`: of the whole batch, as those of `Seen`."""
        run = self.run
        seen = Seen(
            rows=rows,
            targets=step.targets,
            task_losses=run.task.losses(output, step.targets).detach(),
            balanced=self.weighting.balanced(losses),
            student=output.detach(),
            teacher=step.part.gather(trace["logits"]),
            progress=step.progress,
        )
        counts = distils(step.progress, self.schedule)
        base = torch.tensor([[entry["weight"] * counts for entry in run.recipe["hints"]]], device=run.device)
        if self.weighting.learns(number, step.progress):
            self.weighting.learn(self, seen, step, batch, trace, base, labels)
        return (self.weighting.weigh(seen, base) * seen.balanced).sum(1).mean()

    def _told(self, parts: list, own: torch.Tensor, losses: torch.Tensor) -> dict:
        total = sum(part.item() for part in parts if part is not None)
        told = {"total": total, self.run.task.loss: own.item()}
        if losses is not None:
            told.update(zip(self.run.description["hintKeys"], losses.detach().mean(0).tolist()))
        return told

