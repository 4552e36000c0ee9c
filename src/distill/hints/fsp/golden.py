"""Checks the golden cases, which came from the code of the authors or of a benchmark, against `torch.py`: --check."""

from hints.fsp import flow_losses


def losses(inputs, params):
    maps = lambda whose: [inputs[f"{whose}{i}"] for i in range(len(inputs) // 2)]
    return flow_losses(maps("student"), maps("teacher"))


UNITS = {"fspLoss": losses}
