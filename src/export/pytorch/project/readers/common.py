"""What readers of data have in common."""

from __future__ import annotations

import math
import os
from typing import Any, Optional

import torch

# Names of the split that scores are measured on, the first that is there.
TESTS = ("test", "val", "valid", "validation")


def split_names(name: str) -> tuple:
    """How a split may be called in a folder: `name` is "train" or "test"."""
    return TESTS if name == "test" else (name,)


def found(root: str, name: str, paths: list) -> str:
    """The first path that is there; ends the program where there is none."""
    here = next((path for path in paths if os.path.exists(path)), None)
    if here is None:
        names = [os.path.basename(path) for path in paths]
        more = ", ..." if len(names) > 6 else ""
        raise SystemExit(f"There is no {name} data in {root}: looked for {', '.join(names[:6])}{more}.")
    return here


def class_numbers(description: dict, names: list, where: str) -> list:
    """For each class of the data its number in the recipe: by name, or by place where no name is the same."""
    known: dict[str, int] = {}
    for own in (description["task"]["names"], description.get("folders", [])):
        known.update({plain(each): number for number, each in enumerate(own)})
    numbers = [known.get(plain(each)) for each in names]
    count = len(description["task"]["names"])
    if all(number is None for number in numbers) and len(names) == count:
        print(f"The classes of {where} have other names than those of the recipe, and are taken in their order.")
        return list(range(count))
    strange = [each for each, number in zip(names, numbers) if number is None]
    if strange:
        raise SystemExit(f"The recipe has no class “{strange[0]}” of {where}. It has {count}: {listed(description)}.")
    return numbers


def number_in(cell: object, unit: Optional[str] = None) -> float:
    """Of a cell, without its unit; NaN where there is none."""
    text = "" if cell is None else str(cell).strip()
    if unit and text.endswith(unit):
        text = text[: -len(unit)]
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def plain(name: object) -> str:
    """A name without differences that writing makes."""
    return "".join(letter for letter in str(name).lower() if letter.isalnum())


def listed(description: dict) -> str:
    names = description["task"]["names"]
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def instances(inputs: Any, targets: torch.Tensor) -> tuple:
    """What `data.Split` holds. `targets`: as it has them; what has none is unlabelled."""
    known = targets >= 0 if targets.dim() == 1 else ~targets.isnan().any(1)
    roles = ["labelled" if has else "unlabelled" for has in known.tolist()]
    return torch.as_tensor(inputs), targets, targets, roles, None
