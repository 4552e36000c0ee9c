"""The losses of the recipe, one file each. A loss is [B], one number per instance, and its mean is the published loss."""

from __future__ import annotations

import importlib

from networks.base import Trace

from .base import Batch, Facts, Hint, no_teacher, shifted

__all__ = ["Batch", "Facts", "make_hint", "no_teacher", "shifted"]


def make_hint(entry: dict, key: str, facts: Facts, student: Trace, teacher: Trace) -> Hint:
    """The loss of one entry of the recipe's hints, with what it trains beside the student.

    `key`: its name here; `student`, `teacher`: traces of one instance, for the shapes in them
    """
    module = importlib.import_module("." + entry["id"].replace("-", "_"), __name__)
    return module.Loss(entry, key, facts, student, teacher)
