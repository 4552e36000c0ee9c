"""Instances as arrays: data/train.safetensors and data/test.safetensors.

    inputs   [N,D] columns of a table, or [N,H,W,C] pixels from 0 to 255
    targets  [N] class numbers from 0, -1 for none; [N,T] numbers in their unit, or labels that are 0 or 1; NaN for none
    given    the same as the student is given them (few targets and wrong ones of the recipe are in there)
    role     [N] places in the `roles` of recipe.json
    place    [N] places among the rows of a role, in the order in which the page shuffles them
    shown    as the inputs: what the teacher sees in their place, where that is something else

With the first two alone, as in a file of your own, the student is given all targets, and what has none is unlabelled.
"""

from __future__ import annotations

import os

import torch

import weights


def read(description: dict, root: str, name: str) -> tuple:
    """What a split holds; ends the program with a sentence where a file is missing or does not fit the recipe."""
    path = os.path.join(root, f"{name}.safetensors")
    shape = description["input"]["shape"]
    names = description["task"]["names"]
    of_classes = description["task"]["id"] == "classification"
    wanted = {"inputs": shape, "targets": [] if of_classes else [len(names)]}
    told = " and ".join(f"\"{key}\" [{', '.join(['N', *map(str, sides)])}]" for key, sides in wanted.items())
    if not os.path.exists(path):
        raise SystemExit(f"There is no {path}. Save the folder with its data, or write a file with arrays {told}.")
    arrays = weights.load(path)
    count = len(arrays["inputs"]) if "inputs" in arrays else 0
    for key, sides in wanted.items():
        found = list(arrays[key].shape) if key in arrays else None
        if found is None or found != [count, *sides]:
            what = f"has no array \"{key}\"" if found is None else f"has \"{key}\" of shape {found}"
            raise SystemExit(f"{path} {what}. It needs {told}.")
    is_image = description["input"]["kind"] == "image"
    as_seen = lambda values: values.permute(0, 3, 1, 2).contiguous() if is_image else values
    as_held = (lambda values: values.long()) if of_classes else (lambda values: values.double())
    targets = as_held(arrays["targets"])
    given = as_held(arrays["given"]) if "given" in arrays else targets
    if "role" in arrays:
        roles = [description["roles"][int(place)] for place in arrays["role"]]
    else:
        known = given >= 0 if of_classes else ~given.isnan().any(1)
        roles = ["labelled" if has else "unlabelled" for has in known.tolist()]
    places = arrays["place"].tolist() if "place" in arrays else None
    shown = as_seen(arrays["shown"]) if "shown" in arrays else None
    return as_seen(arrays["inputs"]), targets, given, roles, places, shown
