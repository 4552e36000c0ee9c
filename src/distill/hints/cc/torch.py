"""CC: Peng et al. 2019, in the form of the paper."""

import math

from .base import Hint, unit_rows, vectors_of


def correlation_congruence(student, teacher, gamma, order):
    def kernel(features):
        unit = unit_rows(features)
        near = unit @ unit.t()
        return sum(math.exp(-2 * gamma) * (2 * gamma) ** p / math.factorial(p) * near**p for p in range(order + 1))

    return (kernel(student) - kernel(teacher)).square().mean(1)


class Loss(Hint):
    def losses(self, student, teacher, batch):
        k = self.knobs
        vectors = [vectors_of(trace, k) for trace in (student, teacher)]
        return correlation_congruence(*vectors, k["gamma"], int(k["order"]))
