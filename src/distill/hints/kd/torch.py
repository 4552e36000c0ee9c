"""KD: Hinton et al. 2015."""

import torch.nn.functional as F

from .base import Hint


def soft_targets(student, teacher, temperature):
    log_student = F.log_softmax(student / temperature, 1)
    log_teacher = F.log_softmax(teacher / temperature, 1)
    return (log_teacher.exp() * (log_teacher - log_student)).sum(1) * temperature**2


class Loss(Hint):
    def losses(self, student, teacher, batch):
        return soft_targets(student["logits"], teacher["logits"], self.knobs["temperature"])
