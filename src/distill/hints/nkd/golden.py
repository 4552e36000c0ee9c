"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

import torch.nn.functional as F

from hints.nkd import normalised


def losses(inputs, params):
    student = inputs["studentLogits"]
    target = F.one_hot(inputs["labels"].long(), student.shape[1]).double()
    return normalised(student, inputs["teacherLogits"], target, params["temperature"], params["gamma"])


UNITS = {"nkdLoss": losses}
