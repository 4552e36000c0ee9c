"""DML: Zhang et al. 2018."""

from .base import Hint
from .kd import soft_targets


def mutual(own, others):
    """Mean over the others of KL(other || own), [B]."""
    return sum(soft_targets(own, other, 1) for other in others) / len(others)


class Loss(Hint):
    def losses(self, student, teacher, batch):
        """Of a teacher of several peers, each by itself."""
        peers = [value for name, value in teacher.get("more", {}).items() if name.startswith("peer")]
        return mutual(student["logits"], peers or [teacher["logits"]])
