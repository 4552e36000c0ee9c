"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

from hints.sp import similarity_losses

UNITS = {"spLoss": lambda inputs, params: similarity_losses(inputs["studentFeature"], inputs["teacherFeature"])}
