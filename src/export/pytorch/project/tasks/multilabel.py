"""Any number of labels at once."""

from __future__ import annotations

import math

import numpy
import torch
import torch.nn.functional as F

from .known_column import WithKnownColumn


class Task(WithKnownColumn):
    """A sigmoid and a binary cross-entropy per label, whose mean is the loss."""

    def losses(self, output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        wanted = targets[:, :-1]
        return (F.softplus(output) - output * wanted).mean(1) * targets[:, -1]

    def states(self, student: torch.Tensor, teacher: torch.Tensor, targets: torch.Tensor) -> tuple:
        wanted, share = targets[:, :-1], torch.sigmoid(student)
        entropy = share * F.softplus(-student) + (1 - share) * F.softplus(student)

        def right(output: torch.Tensor) -> torch.Tensor:
            share = torch.sigmoid(output)
            return (share * wanted + (1 - share) * (1 - wanted)).mean(1) * targets[:, -1]

        return entropy.mean(1) / math.log(2), right(student), right(teacher)

    def mean_probabilities(self, outputs: torch.Tensor) -> torch.Tensor:
        share = torch.sigmoid(outputs).mean(0)
        return share.clamp_min(1e-12).log() - (1 - share).clamp_min(1e-12).log()

    def score(self, output: torch.Tensor, targets: torch.Tensor) -> float:
        """Mean of the labels' average precisions, 0..1; a label that no instance has is left out."""
        known = ~targets.isnan().any(1)
        pairs = zip(output[known].t().numpy(), (targets[known] == 1).t().numpy())
        each = [average_precision(answers, truth) for answers, truth in pairs if truth.any()]
        return sum(each) / max(len(each), 1)


def average_precision(answers: numpy.ndarray, truth: numpy.ndarray) -> float:
    """Area under the curve of precision over recall; equal answers count together."""
    order = numpy.argsort(-answers, kind="stable")
    answers, truth = answers[order], truth[order]
    last_of_equal = numpy.append(answers[1:] != answers[:-1], True)
    right = numpy.cumsum(truth)[last_of_equal]
    seen = numpy.flatnonzero(last_of_equal) + 1
    found = numpy.diff(right, prepend=0)
    return float((found / truth.sum() * (right / seen)).sum())
