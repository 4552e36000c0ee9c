"""MLLD: Jin et al. 2023."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from networks.base import Trace

from .base import Batch, Hint, added
from .kd import soft_targets
from .labels import over_labelled
from .lskd import standardise

PUBLISHED_TEMPERATURES = (3, 5, 2, 6)


def not_above_median(values: torch.Tensor) -> torch.Tensor:
    """[n] 1 where a value is at most the median, the mean of the middle two for an even count."""
    ordered = values.sort().values
    n = len(values)
    median = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    return (values <= median).to(values.dtype)


def gram(logits: torch.Tensor, temperature: float, over_batch: bool) -> torch.Tensor:
    p = F.softmax(logits / temperature, 1)
    return p @ p.t() if over_batch else p.t() @ p


def levels(
    student: torch.Tensor,
    other_student: torch.Tensor,
    teacher: torch.Tensor,
    other_teacher: torch.Tensor,
    temperature: float,
    as_coded: bool,
    further: tuple = PUBLISHED_TEMPERATURES,
) -> tuple:
    """The levels of instances, classes and batch, [B] each. `other_...`: logits of the strongly changed view."""
    confidence = F.softmax(teacher, 1)
    hard, rare = not_above_median(confidence.amax(1)), not_above_median(confidence.sum(0))
    if as_coded:
        hard, rare = hard.mean(), rare.mean()
    temperatures = (temperature, *further)
    weak = lambda t: soft_targets(student, teacher, t)
    strong = lambda t: soft_targets(other_student, other_teacher, t)
    unmasked = sum(strong(t) if i < 3 else weak(t) for i, t in enumerate(temperatures))
    instances = sum(map(weak, temperatures)) * hard + unmasked
    apart = lambda over_batch: sum(
        (gram(teacher, t, over_batch) - gram(student, t, over_batch)).square().sum(1) for t in temperatures
    )
    classes = (apart(False) * rare).sum() / student.shape[1]
    return instances, classes.expand(len(student)), apart(True) * hard


class Loss(Hint):
    compares = True

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        """Without a strongly changed view it is the plain one."""
        k, one_hot = self.knobs, batch.targets
        other_student, other_teacher = batch.strong or (student, teacher)
        if self.shuffled and batch.strong:
            other_teacher = {"logits": other_teacher["logits"].roll(1, 0)}
        seen = standardise if k["standardise"] else lambda logits: logits
        traces = student, other_student, teacher, other_teacher
        s, other_s, t, other_t = (seen(trace["logits"]) for trace in traces)
        parts = levels(s, other_s, t, other_t, k["temperature"], k["asCoded"])
        labels = -(one_hot * F.log_softmax(other_student["logits"], 1)).sum(1)
        return added(parts) + over_labelled(labels, one_hot) * k["strongLabels"]
