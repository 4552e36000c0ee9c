"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

import torch.nn.functional as F

from hints.wsld import weighted_soft_labels


def losses(inputs, params):
    student = inputs["studentLogits"]
    target = F.one_hot(inputs["labels"].long(), student.shape[1]).double()
    soft = weighted_soft_labels(student, inputs["teacherLogits"], target, params["temperature"])
    return params["alpha"] * soft


UNITS = {"wsldLoss": losses}
