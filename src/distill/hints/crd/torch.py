"""CRD: Tian et al. 2020."""

from __future__ import annotations

import math

import torch
from torch import nn

from networks.base import Trace

from .banks import Banks
from .base import Batch, Hint, added
from .negatives import Negatives
from .vectors import unit_rows


def affinities(anchors: torch.Tensor, bank: torch.Tensor, picks: torch.Tensor, tau: float) -> torch.Tensor:
    """[B,1+K] exp(a.b / tau) of each row with the rows of a bank that were drawn for it."""
    return ((bank[picks] * anchors[:, None]).sum(2) / tau).exp()


def contrastive(scores: torch.Tensor, normaliser: torch.Tensor, rows: int) -> torch.Tensor:
    """[B] noise contrast of the own row (the first score) among rows that are drawn evenly."""
    negatives = scores.shape[1] - 1
    noise = negatives / rows
    x = scores / normaliser
    return (x + (noise + 1e-7)).log().sum(1) - x[:, 0].log() - negatives * math.log(noise)


class Loss(Hint):
    compares = True
    normalisers: torch.Tensor

    def build(self, student: Trace, teacher: Trace) -> None:
        """Embeddings of both, a bank of each, and the normalisers, which the first batch sets (-1 before it)."""
        k, labels = self.knobs, self.facts.labels
        width = int(k["width"])
        self.embedStudent = nn.Linear(student["embedding"].shape[1], width)
        self.embedTeacher = nn.Linear(teacher["embedding"].shape[1], width)
        self.bank = Banks(len(labels), width)
        self.register_buffer("normalisers", -torch.ones(2))
        self.negatives = Negatives(labels, int(k["negatives"]), k["positive"] == "relax")

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        """Each network's embedding against the bank of the other."""
        s = unit_rows(self.embedStudent(student["embedding"]))
        t = unit_rows(self.embedTeacher(teacher["embedding"]))
        rows = len(self.facts.labels)
        picks = self.negatives.draw(batch.rows.tolist(), batch.draws(self.key)).to(s.device)
        pairs = (s, self.bank.teacher), (t, self.bank.student)
        scores = [affinities(anchors, bank, picks, self.knobs["tau"]) for anchors, bank in pairs]
        estimates = torch.stack([score.detach().mean() * rows for score in scores])
        normalisers = torch.where(self.normalisers < 0, estimates, self.normalisers)
        if batch.records:
            self.seen = s, t, normalisers
        return added(contrastive(score, z, rows) for score, z in zip(scores, normalisers))

    def after_step(self, student: Trace, teacher: Trace, batch: Batch) -> None:
        s, t, normalisers = self.seen
        self.bank.take(batch.rows, s, t, self.knobs["momentum"])
        self.normalisers.copy_(normalisers)
