"""SP: Tung and Mori 2019."""

from .base import Hint, unit_rows


def similarity(features):
    # Channels last, as the page counts them; the products do not depend on the order.
    flat = features.flatten(1)
    return unit_rows(flat @ flat.t())


def similarity_losses(student, teacher):
    return (similarity(teacher) - similarity(student)).square().mean(1)


class Loss(Hint):
    compares = True

    def losses(self, student, teacher, batch):
        of = lambda trace: trace["logits"] if self.knobs["space"] == "logits" else trace["stages"][-1]
        return similarity_losses(of(student), of(teacher))
