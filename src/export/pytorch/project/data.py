"""The instances as the scripts hold them; `folders.py` or `arrays.py` reads them, as `recipe.json` says."""

import importlib

import torch


class Split:
    """Instances of training or test.

    inputs: images [N,C,H,W] from 0 to 255, or rows of a table [N,D]
    targets: class numbers [N] with -1 for none; several numbers or labels [N,T] with NaN for none
    given: the same as the student has them
    roles: [N] names
    """

    def __init__(self, inputs, targets, given, roles):
        self.inputs = inputs
        self.targets = targets
        self.given = given
        self.roles = roles

    def rows(self, role):
        return torch.tensor([i for i, name in enumerate(self.roles) if name == role], dtype=torch.long)


def read_split(description, root, name):
    """A split; ends the program with a sentence where the data are missing."""
    return Split(*importlib.import_module(description["data"]).read(description, root, name))
