"""Logit matching: Ba and Caruana 2014."""

from .base import Hint, mean_square


class Loss(Hint):
    def losses(self, student, teacher, batch):
        return mean_square(student["logits"], teacher["logits"])
