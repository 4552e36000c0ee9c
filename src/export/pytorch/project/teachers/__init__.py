"""The kinds of teachers, one file each; the folder holds that of the recipe."""

import importlib


def make_teacher(description, task, device, which):
    """The recipe's teacher, None without one.

    `which`: of one that learns beside the student, its first weights (`start`) or those where the page stopped (`trained`).
    """
    if not description["teachers"]:
        return None
    module = importlib.import_module("." + description["teacherModule"], __name__)
    return module.Teacher(description, task, device, which)
