"""Lists of pictures: PATH/train.txt and PATH/test.txt (or val.txt) with a line for each, its path from there and what is asked of it.

A class is its name or its number from 0; numbers stand as many as the recipe has; labels are a 0 or 1 for each, or the names or
numbers of those that a picture has. Blanks, tabs, commas or semicolons come between.
"""

from __future__ import annotations

import math
import os
import re

import torch

from pictures import ENDINGS

from .common import class_numbers, found, instances, listed, number_in, plain, split_names
from .images import read_pictures

# A path up to the ending of a picture, perhaps in quotation marks, and the rest of the line.
LINE = re.compile(
    rf"""^\s*["']?(?P<path>.+?(?:{'|'.join(map(re.escape, ENDINGS))}))["']?(?:[\s,;]+(?P<rest>.*?))?\s*$""", re.IGNORECASE
)


def read(description: dict, root: str, name: str) -> tuple:
    place = found(root, name, [os.path.join(root, split + ending) for split in split_names(name) for ending in (".txt", ".csv")])
    with open(place, encoding="utf-8-sig") as file:
        lines = [(i + 1, line) for i, line in enumerate(file) if line.strip() and not line.startswith("#")]
    entries = []
    for i, line in lines:
        match = LINE.match(line)
        if match is None:
            # The first line may name the columns.
            if i == 1:
                continue
            raise SystemExit(f"Line {i} of {place} has no path of a picture ({', '.join(ENDINGS)}).")
        path = os.path.join(root, match["path"])
        if not os.path.exists(path):
            raise SystemExit(f"Line {i} of {place}: there is no {path}.")
        entries.append((f"Line {i} of {place}", path, (match["rest"] or "").strip("\"'")))
    if not entries:
        raise SystemExit(f"{place} lists no pictures.")
    kind = {"classification": classes_of, "regression": numbers_of}.get(description["task"]["id"], labels_of)
    targets = kind(description, [(where, rest) for where, _, rest in entries], place)
    return instances(read_pictures(description, [path for _, path, _ in entries]), targets)


def classes_of(description: dict, entries: list, place: str) -> torch.Tensor:
    """[N] by name; by number where no class of the recipe is called so."""
    names = sorted({rest for _, rest in entries if rest not in ("", "-1")})
    known = {plain(name) for name in description["task"]["names"]}
    if any(plain(name) in known for name in names) or not all(name.isdigit() for name in names):
        numbers = dict(zip(names, class_numbers(description, names, place)))
    else:
        numbers = {name: int(name) for name in names}
    count = len(description["task"]["names"])
    strange = next((entry for entry in entries if numbers.get(entry[1], 0) >= count), None)
    if strange:
        raise SystemExit(f"{strange[0]}: class {strange[1]}. The recipe’s {count} classes have numbers from 0: {listed(description)}.")
    return torch.tensor([numbers.get(rest, -1) for _, rest in entries])


def numbers_of(description: dict, entries: list, place: str) -> torch.Tensor:
    """[N,T], NaN for none."""
    names, rows = description["task"]["names"], []
    for where, rest in entries:
        cells = split(rest)
        if len(cells) not in (0, len(names)):
            raise SystemExit(f"{where} has {len(cells)} numbers behind the path; the recipe asks for {', '.join(names)}.")
        rows.append([number_in(cell) for cell in cells] or [math.nan] * len(names))
    return torch.tensor(rows, dtype=torch.float64)


def labels_of(description: dict, entries: list, place: str) -> torch.Tensor:
    """[N,L] of 0 and 1."""
    names = description["task"]["names"]
    given = [(where, split(rest)) for where, rest in entries]
    if all(len(cells) == len(names) and set(cells) <= {"0", "1"} for _, cells in given):
        return torch.tensor([[float(cell) for cell in cells] for _, cells in given], dtype=torch.float64)
    number_of = {**{str(i): i for i in range(len(names))}, **{plain(name): i for i, name in enumerate(names)}}
    targets = torch.zeros(len(given), len(names), dtype=torch.float64)
    for row, (where, cells) in enumerate(given):
        for cell in cells:
            if plain(cell) not in number_of:
                raise SystemExit(f"{where}: the recipe has no label “{cell}”. It has {len(names)}: {listed(description)}.")
            targets[row, number_of[plain(cell)]] = 1
    return targets


def split(text: str) -> list[str]:
    return [cell for cell in re.split(r"[\s,;]+", text) if cell]
