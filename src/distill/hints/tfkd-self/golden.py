"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

import torch.nn.functional as F

from hints.kd import soft_targets


def losses(inputs, params):
    student = inputs["studentLogits"]
    soft = soft_targets(student, inputs["teacherLogits"], params["temperature"]) / student.shape[1]
    ce = F.cross_entropy(student, inputs["labels"].long(), reduction="none")
    return (1 - params["alpha"]) * ce + params["alpha"] * params["multiplier"] * soft


UNITS = {"tfkdSelfLoss": losses}
