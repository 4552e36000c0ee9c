"""Tf-KD self-training: Yuan et al. 2020."""

from .base import Hint
from .kd import soft_targets


class Loss(Hint):
    def losses(self, student, teacher, batch):
        s = student["logits"]
        of_classes = soft_targets(s, teacher["logits"], self.knobs["temperature"])
        return of_classes * self.knobs["multiplier"] / s.shape[1]
