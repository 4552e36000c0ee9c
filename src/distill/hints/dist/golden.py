"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

from hints.dist import relations_of_answers


def losses(inputs, params):
    logits = inputs["studentLogits"], inputs["teacherLogits"]
    return relations_of_answers(*logits, params["temperature"], params["beta"], params["gamma"])


UNITS = {"distLoss": losses}
