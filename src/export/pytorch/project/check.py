"""Compares what is computed here with what the page has computed."""

from __future__ import annotations

import torch
from torch import nn

from batches import Drawn
from run import Run

# How far a loss may be from the page's, as a share of it. Sums in another order change it by up to 1e-5 in deep networks.
TOLERANCE = 5e-5


def check(description: dict, device: torch.device) -> bool:
    """Whether the losses of the first batch and the scores are the page's."""
    batch = description["recipe"]["schedule"]["batch"]
    # Else cards convolve with ten bits behind the point, which changes losses by 1e-3.
    torch.backends.cudnn.allow_tf32 = False
    equal = [check_losses(description, device, batch), check_scores(description, device, batch)]
    return all(equal)


def check_losses(description: dict, device: torch.device, batch: int) -> bool:
    """Losses of the page's first batch, from its first weights, beside the page's own."""
    expected = description["firstBatch"]
    run = Run(description, device, batch)
    run.learner.train()
    if run.teacher:
        run.teacher.stand_still()
    for module in run.learner.modules():
        # What is dropped is chance, so the page's numbers are those of a batch that loses nothing.
        if isinstance(module, nn.Dropout):
            module.eval()
    rows = expected["rows"]
    pool = [run.batches.pool.get(row, 0) for row in rows]
    drawn = Drawn(rows, pool, expected["labelled"], None, expected.get("members"), expected.get("partners"))
    step = run.step(drawn)
    with torch.no_grad():
        output, losses = run.learner(step.inputs, run.trace(step), run.batch(step, 1))
        found = {run.task.loss: run.task.mean_loss(output, step.targets).item()}
        if losses is not None:
            found.update(zip(description["hintKeys"], losses.mean(0).tolist()))
    worst = 0.0
    print(f"{'loss':<12}{'page':>20}{'here':>20}")
    for key, value in expected["losses"].items():
        worst = max(worst, abs(found[key] - value) / max(abs(value), 1e-6))
        print(f"{key:<12}{value:>20.7g}{found[key]:>20.7g}")
    equal = worst < TOLERANCE
    print("The losses are equal." if equal else f"The losses differ by up to {worst:.2g} of themselves.")
    return equal


def check_scores(description: dict, device: torch.device, batch: int) -> bool:
    """Scores of the teacher and of the trained student on the test split, beside the page's."""
    run = Run(description, device, batch, "trained")
    found = {"student": run.score_of_student()}
    if run.is_scored():
        found["teacher"] = run.score_of_teacher()
    task, equal = run.task, True
    print(f"{task.name:<12}{'page':>20}{'here':>20}  ({task.better} is better)")
    for who, value in description["score"].items():
        print(f"{who:<12}{task.text(value):>20}{task.text(found[who]):>20}")
        equal = equal and task.is_equal(found[who], value, len(run.test.inputs))
    print("The scores are equal." if equal else "The scores differ. Are these the page's test data?")
    return equal
