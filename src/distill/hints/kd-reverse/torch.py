"""Reverse KL, student first, on labelled and unlabelled images: Nguyen-Meidine et al. 2020."""

import torch.nn.functional as F

from .base import Hint


def reverse_kd(student, teacher, temperature):
    log_student = F.log_softmax(student / temperature, 1)
    log_teacher = F.log_softmax(teacher / temperature, 1)
    return (log_student.exp() * (log_student - log_teacher)).sum(1) * temperature**2


def over_both_halves(losses, one_hot, alpha):
    """The mean over the batch becomes alpha * mean over labelled images + mean over the others."""
    batch = len(losses)
    labelled = one_hot.sum(1)
    count = labelled.sum()
    factors = labelled * alpha * batch / count.clamp_min(1) + (1 - labelled) * batch / (batch - count).clamp_min(1)
    return losses * factors


class Loss(Hint):
    compares = True

    def losses(self, student, teacher, batch):
        losses = reverse_kd(student["logits"], teacher["logits"], self.knobs["temperature"])
        return over_both_halves(losses, batch.targets, self.knobs["alpha"])
