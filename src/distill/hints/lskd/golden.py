"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

import torch.nn.functional as F

from hints.dkd import decoupled
from hints.kd import soft_targets
from hints.lskd import standardise


def standardised(inputs):
    return standardise(inputs["studentLogits"]), standardise(inputs["teacherLogits"])


def on_dkd(inputs, params):
    student, teacher = standardised(inputs)
    target = F.one_hot(inputs["labels"].long(), student.shape[1]).double()
    return decoupled(student, teacher, target, params["alpha"], params["beta"], params["temperature"])


UNITS = {
    "lskdLoss": lambda inputs, params: soft_targets(*standardised(inputs), params["temperature"]),
    "lskdDkdLoss": on_dkd,
}
