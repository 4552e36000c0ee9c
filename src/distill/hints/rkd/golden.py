"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

from hints.rkd import relational


def losses(inputs, params):
    features = inputs["studentFeature"], inputs["teacherFeature"]
    return relational(*features, params["distanceWeight"], params["angleWeight"], len(features[0]))


UNITS = {"rkdLoss": losses}
