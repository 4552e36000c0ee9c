"""The losses of the recipe, one file each. A loss is [B], one number per instance, and its mean is the published loss."""

import importlib

from .base import no_teacher, shifted

__all__ = ["make_hint", "no_teacher", "shifted"]


def make_hint(entry, student, teacher):
    """The loss of one entry of the recipe's hints, with what it trains beside the student.

    `student`, `teacher`: descriptions of the networks, for the shapes of their maps.
    """
    module = importlib.import_module("." + entry["id"].replace("-", "_"), __name__)
    return module.Loss(entry, student, teacher)
