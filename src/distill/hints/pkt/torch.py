"""PKT: Passalis and Tefas 2018."""

from .base import Hint, vectors_of


def probabilities(features):
    unit = features / (features.square().sum(1, keepdim=True).clamp_min(1e-30).sqrt() + 1e-7)
    near = (unit @ unit.t() + 1) / 2
    return near / near.sum(1, keepdim=True)


def neighbours(student, teacher):
    s, t = probabilities(student), probabilities(teacher)
    return (t * ((t + 1e-7).log() - (s + 1e-7).log())).mean(1)


class Loss(Hint):
    def losses(self, student, teacher, one_hot):
        return neighbours(*(vectors_of(trace, self.knobs) for trace in (student, teacher)))
