"""The instances as the scripts hold them. `recipe.json` names the module that reads them, `--data` another one."""

from __future__ import annotations

import importlib
from typing import Optional

import torch


class Split:
    """Instances of training or test.

    inputs: images [N,C,H,W] from 0 to 255, or rows of a table [N,D]
    targets: class numbers [N] with -1 for none; several numbers or labels [N,T] with NaN for none
    given: the same as the student has them
    roles: [N] names
    places: [N] numbers by which the rows of a role are sorted before they are shuffled; None for the order of the rows
    shown: what the teacher sees in place of `inputs`; None for the same
    """

    def __init__(
        self,
        inputs: torch.Tensor,
        targets: torch.Tensor,
        given: torch.Tensor,
        roles: list,
        places: Optional[list],
        shown: Optional[torch.Tensor] = None,
    ) -> None:
        self.inputs = inputs
        self.targets = targets
        self.given = given
        self.roles = roles
        self.places = places
        self.shown = shown

    def rows(self, role: str) -> list:
        rows, places = [i for i, name in enumerate(self.roles) if name == role], self.places
        return rows if places is None else sorted(rows, key=lambda row: places[row])


def read_split(description: dict, root: str, name: str) -> Split:
    """A split; ends the program with a sentence where the data are missing."""
    module = importlib.import_module(description["data"])
    split = Split(*module.read(description, description.get("root", root), name))
    if "root" in description and split.targets.dim() == 1:
        there = set(split.targets.tolist())
        absent = [own for number, own in enumerate(description["task"]["names"]) if number not in there]
        if absent:
            more = ", ..." if len(absent) > 5 else ""
            print(f"The {name} data have no instance of {', '.join(absent[:5])}{more}.")
    return split
