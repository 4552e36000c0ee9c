"""PKT: Passalis and Tefas 2018."""

from .base import Hint, vectors_of


def probabilities(features, eps):
    unit = features / (features.square().sum(1, keepdim=True).clamp_min(1e-30).sqrt() + eps)
    near = (unit @ unit.t() + 1) / 2
    return near / near.sum(1, keepdim=True)


def neighbours(student, teacher, eps=1e-7):
    s, t = probabilities(student, eps), probabilities(teacher, eps)
    return (t * ((t + eps).log() - (s + eps).log())).mean(1)


class Loss(Hint):
    compares = True

    def losses(self, student, teacher, batch):
        return neighbours(*(vectors_of(trace, self.knobs) for trace in (student, teacher)))
