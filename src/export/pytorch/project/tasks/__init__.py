"""What is asked of an instance, one file each: how targets are written for a loss, the loss, and the score of answers."""

from __future__ import annotations

import importlib

from .base import Task

__all__ = ["Task", "make_task"]


def make_task(about: dict) -> Task:
    """The task that `recipe.json` describes."""
    return importlib.import_module("." + about["id"], __name__).Task(about)
