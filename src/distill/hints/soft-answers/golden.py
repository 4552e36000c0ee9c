"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

import torch.nn.functional as F

from hints.soft_answers import soft_answers


def losses(inputs, params):
    student = inputs["studentLogits"]
    soft = soft_answers(student, inputs["teacherLogits"], params["temperature"], False)
    hard = F.cross_entropy(student, inputs["labels"].long(), reduction="none")
    return soft + params["lambdaSupervised"] * hard


UNITS = {"specialist-distill-loss": losses}
