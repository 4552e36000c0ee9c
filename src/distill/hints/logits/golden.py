"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

from hints.base import mean_square

UNITS = {"logitMse": lambda inputs, params: mean_square(inputs["studentLogits"], inputs["teacherLogits"])}
