"""BSS: Heo et al. 2019."""

from __future__ import annotations

from typing import Callable

import torch
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint
from .labels import targets_of

# Keeps an image that lies on the boundary moving.
BEYOND = 1e-4


def softened(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """Cross-entropy of softened predictions, without a factor T^2. [B]"""
    return -(F.softmax(teacher / temperature, 1) * F.log_softmax(student / temperature, 1)).sum(1)


def base_images(student: torch.Tensor, teacher: torch.Tensor, one_hot: torch.Tensor, most: int) -> tuple:
    """[n] rows that both get right, and [n] whether they do; of more than `most` those that differ most about other classes.

    Other rows fill up, since a pass with batch statistics has the same size in each step.
    """
    label = one_hot.argmax(1)
    right = (student.argmax(1) == label) & (teacher.argmax(1) == label)
    key = torch.arange(len(label), 0, -1, device=label.device, dtype=student.dtype)
    if right.sum() > most:
        key = ((F.softmax(teacher, 1) - F.softmax(student, 1)).square() * (1 - one_hot)).sum(1)
    index = torch.where(right, key, torch.full_like(key, -1)).argsort(descending=True, stable=True)[:most]
    return index, right[index]


def drawn_classes(teacher: torch.Tensor, uniform: torch.Tensor) -> torch.Tensor:
    """For each row one of the classes but the teacher's first, drawn with its probabilities. `uniform`: [n] in 0..1."""
    shares, classes = F.softmax(teacher, 1).sort(1, descending=True)
    up_to = shares[:, 1:].cumsum(1)
    place = (up_to < uniform[:, None] * up_to[:, -1:]).sum(1).clamp_max(up_to.shape[1] - 1)
    return classes.gather(1, place[:, None] + 1)[:, 0]


def attack(
    logits_of: Callable,
    images: torch.Tensor,
    towards: torch.Tensor,
    steps: int,
    eta: float,
    low: torch.Tensor,
    high: torch.Tensor,
) -> torch.Tensor:
    """Moves each image along the gradient of (z_k - z_b) until the top class is no longer the one it began with."""
    moved, base = images, None
    for _ in range(steps):
        moved = moved.detach().requires_grad_()
        with torch.enable_grad():
            logits = logits_of(moved)
            base = logits.argmax(1) if base is None else base
            gap = pick(logits, base) - pick(logits, towards)
            (gradient,) = torch.autograd.grad(-gap.sum(), moved)
        length = gradient.flatten(1).norm(dim=1).clamp_min(1e-12)
        stride = (gap.detach() + BEYOND) * eta / length
        still = logits.argmax(1) == base
        shape = (-1, *[1] * (images.dim() - 1))
        further = torch.minimum(torch.maximum(moved + stride.view(shape) * gradient, low), high)
        moved = torch.where(still.view(shape), further, moved)
    return moved.detach()


def pick(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    return logits.gather(1, classes[:, None])[:, 0]


def ratios(progress: float, k: dict) -> tuple:
    """Weights of the images as they are and of the moved ones, at `progress` (0..1) of the run."""
    r1 = k["r1Start"] + (k["r1End"] - k["r1Start"]) * progress
    return r1, max(k["r2Start"] * (1 - progress * 100 / k["offAt"]), 0)


class Loss(Hint):
    compares = True

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        """Moved images report on those that they were moved from. Running statistics do not follow them."""
        assert batch.answers and batch.shown, "Without a teacher there is no boundary."
        k, own = self.knobs, student["logits"]
        one_hot = targets_of(batch.targets, teacher["logits"])
        r1, r2 = ratios(batch.progress, k)
        losses = r1 * softened(own, teacher["logits"], k["temperature"])
        most = min(int(k["attacked"]), len(own))
        draws = batch.draws(self.key)
        uniform = torch.tensor([draws.uniform() for _ in range(most)], device=own.device)
        with torch.no_grad():
            index, valid = base_images(own, teacher["logits"], one_hot, most)
            towards = drawn_classes(teacher["logits"][index], uniform)
            start, ends = batch.inputs[index], (self.facts.low, self.facts.high)
            moved = attack(batch.answers, start, towards, int(k["attackSteps"]), k["eta"], *ends)
            border = batch.shown(batch.answers(moved))
            border = border.roll(1, 0) if self.shuffled else border
        of_moved = softened(batch.student.glance(moved)["logits"], border, k["temperature"])
        share = valid * (len(own) / valid.sum().clamp_min(1))
        return losses.index_add(0, index, r2 * share * of_moved)
