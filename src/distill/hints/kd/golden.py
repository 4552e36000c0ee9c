"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

import torch.nn.functional as F

from hints.kd import soft_targets


def losses(inputs, params):
    return soft_targets(inputs["studentLogits"], inputs["teacherLogits"], params["temperature"])


def total(inputs, params):
    ce = F.cross_entropy(inputs["studentLogits"], inputs["labels"].long(), reduction="none")
    return params["ceWeight"] * ce + params["kdWeight"] * losses(inputs, params)


UNITS = {"kdLoss": losses, "kdTotal": total}
