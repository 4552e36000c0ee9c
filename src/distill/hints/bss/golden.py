"""Checks the golden cases, which came from the code of the authors, against `torch.py`: --check."""

from hints.bss import softened


def losses(inputs, params):
    """The cases subtract the teacher's own entropy."""
    teacher, temperature = inputs["teacherLogits"], params["temperature"]
    return softened(inputs["studentLogits"], teacher, temperature) - softened(teacher, teacher, temperature)


UNITS = {"bssLoss": losses}
