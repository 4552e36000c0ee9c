"""Initialisation stages: what losses train before the student's own training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batches import Batches
from hints import shifted
from optimisers import make_descent

if TYPE_CHECKING:
    from hints.base import Hint
    from hints.prelude import Prelude
    from run import Run


def prepare(run: Run, steps: int, highest: float, talks: bool = True) -> None:
    """All stages of the recipe's losses, one after another. Each of several processes computes whole batches.

    `steps`: of the training that follows; `talks`: whether this process says how it goes
    """
    for key, hint in run.learner.hints.items():
        prelude = hint.prelude(steps)
        if prelude and prelude.steps:
            train(run, key, hint, prelude, highest, talks)


def train(run: Run, key: str, hint: Hint, prelude: Prelude, highest: float, talks: bool) -> None:
    student = run.learner.student
    parameters = prelude.parameters(student)
    frozen = [parameter for parameter in parameters if not parameter.requires_grad]
    for parameter in frozen:
        parameter.requires_grad_()
    descent = make_descent(run.description, dict(enumerate(parameters)))
    batches = Batches(run.recipe, run.train, run.batches.size, f"prelude/{key}/", **run.drawing)
    run.learner.train()
    for number in range(prelude.steps):
        drawn = batches.next()
        step = run.step(drawn)
        trace = run.trace(step)
        trace = shifted(trace) if hint.shuffled else trace
        batch = run.batch(step, number + 1)
        if prelude.before:
            prelude.before(trace, batch)
        seen = lambda: run.learner.through(student, step.inputs, step.labelled)
        loss = prelude.losses(seen, trace, batch).mean()
        descent.step(loss, None, prelude.rate(highest))
        if talks and (number + 1) % max(1, prelude.steps // 5) == 0:
            print(f"{key} step {number + 1}/{prelude.steps}  {loss.item():.4g}", flush=True)
    for parameter in parameters:
        parameter.grad = None
    for parameter in frozen:
        parameter.requires_grad_(False)
