"""What is asked of an instance: how targets are written for a loss, the loss, and the score of answers.

A row of encoded targets holds zeros where the instance has no target, and its loss is 0.
"""

from __future__ import annotations

import math

import numpy
import torch
import torch.nn.functional as F


def make_task(about: dict) -> Task:
    """The task that `recipe.json` describes."""
    return {"classification": Classification, "regression": Regression, "multilabel": SeveralLabels}[about["id"]](about)


class Task:
    """What all tasks have: the key of their loss, their score with its unit and direction, and their number of outputs."""

    def __init__(self, about: dict) -> None:
        self.loss = about["loss"]
        self.name = about["score"]["name"]
        self.unit = about["score"]["unit"]
        self.better = about["score"]["better"]
        self.outputs = len(about["names"])

    def encode(self, given: torch.Tensor) -> torch.Tensor:
        """[B,width] of targets as `data.py` holds them."""
        raise NotImplementedError

    def has_target(self, targets: torch.Tensor) -> torch.Tensor:
        """[B] 1 where a row of encoded targets has one, else 0."""
        raise NotImplementedError

    def weighed(self, targets: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
        """Encoded targets whose rows count so many times [B] in the loss."""
        return torch.cat([targets[:, :-1], targets[:, -1:] * factors[:, None]], 1)

    def losses(self, output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """[B] from outputs [B,outputs] and encoded targets."""
        raise NotImplementedError

    def states(self, student: torch.Tensor, teacher: torch.Tensor, targets: torch.Tensor) -> tuple:
        """[B] each, from 0 to about 1: the student's uncertainty, and how close student and teacher are to the target."""
        raise NotImplementedError

    def mean_probabilities(self, outputs: torch.Tensor) -> torch.Tensor:
        """Outputs [B,outputs] that stand for the mean of the probabilities of several networks, [M,B,outputs]."""
        raise NotImplementedError

    def score(self, output: torch.Tensor, targets: torch.Tensor) -> float:
        """Of the outputs [N,outputs] for all instances of a split, from their targets as `data.py` holds them."""
        raise NotImplementedError

    def mean_loss(self, output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Mean over the instances that have a target."""
        return self.losses(output, targets).sum() / self.has_target(targets).sum().clamp_min(1)

    def text(self, score: float) -> str:
        if self.unit == "%":
            return f"{100 * score:.2f} %"
        return f"{score:.5g} {self.unit}".strip()

    def is_equal(self, score: float, other: float, count: int) -> bool:
        """Whether scores of `count` instances are equal but for rounding: one between two answers may fall to either side."""
        if self.unit == "%":
            return abs(score - other) * count < max(1.5, 0.001 * count)
        return abs(score - other) < 1e-3 * max(abs(other), 1e-6)


class Classification(Task):
    """One of several classes: softmax and cross-entropy. Encoded targets are one-hot, [B,C]."""

    def encode(self, given: torch.Tensor) -> torch.Tensor:
        return F.one_hot(given.clamp_min(0), self.outputs).float() * (given >= 0).float()[:, None]

    def has_target(self, targets: torch.Tensor) -> torch.Tensor:
        return targets.sum(1)

    def weighed(self, targets: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
        return targets * factors[:, None]

    def losses(self, output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return -(targets * F.log_softmax(output, 1)).sum(1)

    def states(self, student: torch.Tensor, teacher: torch.Tensor, targets: torch.Tensor) -> tuple:
        logs = F.log_softmax(student, 1)
        right = lambda output: (F.softmax(output, 1) * targets).sum(1)
        return -(logs.exp() * logs).sum(1) / math.log(self.outputs), right(student), right(teacher)

    def mean_probabilities(self, outputs: torch.Tensor) -> torch.Tensor:
        return F.softmax(outputs, 2).mean(0).clamp_min(1e-12).log()

    def score(self, output: torch.Tensor, targets: torch.Tensor) -> float:
        """Share of the instances whose highest logit is that of their class, 0..1."""
        return (output.argmax(1) == targets).sum().item() / max(len(targets), 1)


class WithKnownColumn(Task):
    """Encoded targets are [B,outputs + 1]: the last column is 1 where the instance has a target."""

    def encode(self, given: torch.Tensor) -> torch.Tensor:
        known = ~given.isnan().any(1, keepdim=True)
        values = torch.where(known, self.scaled(given), torch.zeros_like(given))
        # Held in 64 bits; losses are computed in 32, as networks are.
        return torch.cat([values, known], 1).float()

    def scaled(self, given: torch.Tensor) -> torch.Tensor:
        return given

    def has_target(self, targets: torch.Tensor) -> torch.Tensor:
        return targets[:, -1]


class Regression(WithKnownColumn):
    """One or several numbers: squared errors of numbers that are brought to mean 0 and deviation 1."""

    def __init__(self, about: dict) -> None:
        super().__init__(about)
        self.mean = torch.tensor(about["scale"]["mean"], dtype=torch.float64)
        self.deviation = torch.tensor(about["scale"]["deviation"], dtype=torch.float64)

    def scaled(self, given: torch.Tensor) -> torch.Tensor:
        return (given - self.mean) / self.deviation

    def losses(self, output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return (output - targets[:, :-1]).square().mean(1) * targets[:, -1]

    def states(self, student: torch.Tensor, teacher: torch.Tensor, targets: torch.Tensor) -> tuple:
        """There is no uncertainty; errors stand for closeness."""
        error = lambda output: (output - targets[:, :-1]).abs().mean(1) * targets[:, -1]
        return torch.zeros(len(student), device=student.device), error(student), error(teacher)

    def mean_probabilities(self, outputs: torch.Tensor) -> torch.Tensor:
        """Numbers are no probabilities: their own mean."""
        return outputs.mean(0)

    def score(self, output: torch.Tensor, targets: torch.Tensor) -> float:
        """Mean absolute error in the unit of the target; of several numbers in their deviations, since units differ."""
        known = ~targets.isnan().any(1)
        answers = output[known].double() * self.deviation + self.mean
        errors = (answers - targets[known]).abs()
        if self.outputs > 1:
            errors = errors / self.deviation
        return errors.mean().item() if len(errors) else 0.0


class SeveralLabels(WithKnownColumn):
    """Any number of labels at once: a sigmoid and a binary cross-entropy per label, whose mean is the loss."""

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
