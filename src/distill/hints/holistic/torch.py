"""Holistic KD: Zhou et al. 2021."""

from __future__ import annotations

import torch
from torch import nn
import torch.nn.functional as F

from networks.base import Trace

from .banks import Banks
from .base import Batch, Hint, added
from .labels import targets_of
from .negatives import Negatives
from .vectors import unit_rows


def contrast(
    anchors: torch.Tensor, positives: torch.Tensor, bank: torch.Tensor, counts: torch.Tensor, tau: float
) -> torch.Tensor:
    """InfoNCE over all rows of a memory [N,D]; `counts` [B,N] says how often each is a negative. [B]"""
    own = (anchors * positives).sum(1, keepdim=True) / tau
    others = anchors @ bank.t() / tau
    # Taken off before the exponentials, which would overflow at low temperatures; it cancels out.
    most = torch.maximum(others.amax(1, keepdim=True), own).detach()
    negatives = (counts * (others - most).exp()).sum(1, keepdim=True)
    return (((own - most).exp() + negatives).log() - (own - most))[:, 0]


def neighbours(logits: torch.Tensor, k: int) -> torch.Tensor:
    """[B,B] 1 for the k nearest of each row by the cosine of probabilities; a row is the first neighbour of itself."""
    unit = unit_rows(F.softmax(logits.detach(), 1))
    near = unit @ unit.t() + 2 * torch.eye(len(unit), device=unit.device, dtype=unit.dtype)
    return torch.zeros_like(near).scatter_(1, near.topk(k, 1).indices, 1)


def mixed(layer: nn.Module, embeddings: torch.Tensor, graph: torch.Tensor, k: int) -> torch.Tensor:
    """One graph convolution: unit([e, mean of the neighbours' e] W + c)."""
    return unit_rows(layer(torch.cat([embeddings, graph @ embeddings / k], 1)))


def smoothed(remembered: torch.Tensor, graph: torch.Tensor, share: float) -> torch.Tensor:
    return unit_rows(remembered * share + graph.detach() * (1 - share))


class Holistic(nn.Module):
    """The four layers of the loss, under the names of the page."""

    def __init__(self, student: int, teacher: int, width: int) -> None:
        super().__init__()
        self.embedStudent = nn.Linear(student, width)
        self.embedTeacher = nn.Linear(teacher, width)
        self.graphStudent = nn.Linear(2 * width, width)
        self.graphTeacher = nn.Linear(2 * width, width)


def holistic_losses(
    layers: nn.Module,
    student: Trace,
    teacher: Trace,
    banks: tuple,
    positives: tuple,
    counts: torch.Tensor,
    k: dict,
) -> tuple:
    """[B] and both embeddings [B,D]. `layers`: with those of `Holistic`. `banks`, `positives`: of student and teacher, a pair each."""
    named = dict(layers.named_children())
    own = unit_rows(named["embedStudent"](student["embedding"]))
    other = unit_rows(named["embedTeacher"](teacher["embedding"]))
    size, tau, share = int(k["neighbours"]), k["tau"], k["smoothing"]
    terms = [(own, positives[0], banks[0]), (other, positives[1], banks[1])]
    if len(own) >= size:
        mix_own = mixed(named["graphStudent"], own, neighbours(student["logits"], size), size)
        mix_other = mixed(named["graphTeacher"], other, neighbours(teacher["logits"], size), size)
        terms.append((mix_own, smoothed(positives[0], mix_other, share), banks[0]))
        terms.append((mix_other, smoothed(positives[1], mix_own, share), banks[1]))
    return added(contrast(*term, counts, tau) for term in terms), (own, other)


class Loss(Hint):
    compares = True
    classes: torch.Tensor

    def build(self, student: Trace, teacher: Trace) -> None:
        width = int(self.knobs["width"])
        layers = Holistic(student["embedding"].shape[1], teacher["embedding"].shape[1], width)
        for name, layer in layers.named_children():
            self.add_module(name, layer)
        self.bank = Banks(len(self.facts.labels), width)
        classes = student["logits"].shape[1]
        self.register_buffer("classes", torch.zeros(len(self.facts.labels), classes))
        drawn = self.knobs["bank"] == "sample"
        self.negatives = Negatives(self.facts.labels, int(self.knobs["drawn"]), relaxed=False) if drawn else None

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k, rows = self.knobs, batch.rows
        target = targets_of(batch.targets, teacher["logits"])
        counts = self.classes.sum(1)[None] - target @ self.classes.t()
        if self.negatives:
            picks = self.negatives.draw(rows.tolist(), batch.draws(self.key))[:, 1:].to(rows.device)
            drawn = torch.zeros_like(counts)
            counts = counts * drawn.scatter_add_(1, picks, torch.ones_like(picks, dtype=drawn.dtype))
        # Each network's positives are the other's; its negatives are its own, or the other's.
        own, other = self.bank.student, self.bank.teacher
        banks = (own, other) if k["negativesOf"] == "own" else (other, own)
        positives = (other[rows], own[rows])
        losses, seen = holistic_losses(self, student, teacher, banks, positives, counts, k)
        if batch.records:
            self.seen = seen
        return losses

    def after_step(self, student: Trace, teacher: Trace, batch: Batch) -> None:
        if self.shuffled:
            teacher = {**teacher, "logits": teacher["logits"].roll(1, 0)}
        self.classes[batch.rows] = targets_of(batch.targets, teacher["logits"])
        if len(batch.rows) >= int(self.knobs["neighbours"]):
            own, other = self.seen
            self.bank.take(batch.rows, own, other, self.knobs["momentum"])
