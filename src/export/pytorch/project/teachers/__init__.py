"""The kinds of teachers, one file each; the folder holds that of the recipe."""

from __future__ import annotations

import importlib
from typing import Any

import torch

from tasks import Task


def make_teacher(description: dict, task: Task, device: torch.device, which: str) -> Any:
    """The recipe's teacher, None without one.

    `which`: of one that learns beside the student, its first weights (`start`) or those where the page stopped (`trained`).
    """
    if description["teacherModule"] is None:
        return None
    module = importlib.import_module("." + description["teacherModule"], __name__)
    return module.Teacher(description, task, device, which)
