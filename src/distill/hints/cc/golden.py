"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

from hints.cc import correlation_congruence


def losses(inputs, params):
    features = inputs["studentFeature"], inputs["teacherFeature"]
    return correlation_congruence(*features, params["gamma"], params["order"])


UNITS = {"ccRbfLoss": losses}
