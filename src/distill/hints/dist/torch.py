"""DIST: Huang et al. 2022."""

import torch.nn.functional as F

from .base import Hint


def correlation(a, b):
    x, y = a - a.mean(-1, keepdim=True), b - b.mean(-1, keepdim=True)
    norms = x.square().sum(-1).clamp_min(1e-30).sqrt() * y.square().sum(-1).clamp_min(1e-30).sqrt()
    return (x * y).sum(-1) / (norms + 1e-8)


def relations_of_answers(student, teacher, temperature, beta, gamma):
    s, t = F.softmax(student / temperature, 1), F.softmax(teacher / temperature, 1)
    within = 1 - correlation(s, t)
    across = 1 - correlation(s.t(), t.t()).mean()
    return (beta * within + gamma * across) * temperature**2


class Loss(Hint):
    compares = True

    def losses(self, student, teacher, batch):
        k = self.knobs
        return relations_of_answers(student["logits"], teacher["logits"], k["temperature"], k["beta"], k["gamma"])
