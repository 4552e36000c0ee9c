"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

import torch.nn.functional as F

from hints.dkd import decoupled


def losses(inputs, params):
    student, labels = inputs["studentLogits"], inputs["labels"].long()
    target = F.one_hot(labels, student.shape[1]).double()
    return decoupled(
        student, inputs["teacherLogits"], target, params["alpha"], params["beta"], params["temperature"]
    )


def total(inputs, params):
    ce = F.cross_entropy(inputs["studentLogits"], inputs["labels"].long(), reduction="none")
    return params["ceWeight"] * ce + min(params["epoch"] / params["warmup"], 1) * losses(inputs, params)


UNITS = {"dkdLoss": losses, "dkdTotal": total}
