"""DKD: Zhao et al. 2022."""

import torch.nn.functional as F

from .base import Hint, targets_of


def decoupled(student, teacher, target, alpha, beta, temperature):
    def binary(logits):
        p = F.softmax(logits / temperature, 1)
        return ((p * target).sum(1).clamp_min(1e-12), (p * (1 - target)).sum(1).clamp_min(1e-12))

    (s, s_rest), (t, t_rest) = binary(student), binary(teacher)
    of_target = t * (t.log() - s.log()) + t_rest * (t_rest.log() - s_rest.log())
    log_student = F.log_softmax(student / temperature - 1000 * target, 1)
    log_teacher = F.log_softmax(teacher / temperature - 1000 * target, 1)
    of_others = (log_teacher.exp() * (log_teacher - log_student)).sum(1)
    return (alpha * of_target + beta * of_others) * temperature**2


class Loss(Hint):
    def losses(self, student, teacher, one_hot):
        k, s, t = self.knobs, student["logits"], teacher["logits"]
        return decoupled(s, t, targets_of(one_hot, t), k["alpha"], k["beta"], k["temperature"])
