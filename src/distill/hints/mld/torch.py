"""MLD: Yang et al. 2023, per label."""

import torch
import torch.nn.functional as F

from .base import Hint


def per_label(student, teacher, temperature):
    own, other = student / temperature, teacher / temperature
    share = torch.sigmoid(other)
    yes = F.logsigmoid(other) - F.logsigmoid(own)
    no = F.logsigmoid(-other) - F.logsigmoid(-own)
    return (share * yes + (1 - share) * no).mean(1) * temperature**2


class Loss(Hint):
    def losses(self, student, teacher, batch):
        return per_label(student["logits"], teacher["logits"], self.knobs["temperature"])
