"""The instances as the scripts hold them. `recipe.json` names the module that reads them, `--data` another one."""

import importlib


class Split:
    """Instances of training or test.

    inputs: images [N,C,H,W] from 0 to 255, or rows of a table [N,D]
    targets: class numbers [N] with -1 for none; several numbers or labels [N,T] with NaN for none
    given: the same as the student has them
    roles: [N] names
    places: [N] numbers by which the rows of a role are sorted before they are shuffled; None for the order of the rows
    """

    def __init__(self, inputs, targets, given, roles, places):
        self.inputs = inputs
        self.targets = targets
        self.given = given
        self.roles = roles
        self.places = places

    def rows(self, role):
        rows = [i for i, name in enumerate(self.roles) if name == role]
        return rows if self.places is None else sorted(rows, key=lambda row: self.places[row])


def read_split(description, root, name):
    """A split; ends the program with a sentence where the data are missing."""
    module = importlib.import_module(description["data"])
    return Split(*module.read(description, description.get("root", root), name))
