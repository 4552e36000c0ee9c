"""Images in Parquet files: a column of encoded pictures, and a column of class numbers or names."""

from __future__ import annotations

from typing import Any

import numpy
import torch

from pictures import read_bytes

from .common import class_numbers, instances
from .parquet_files import class_names, read_table

IMAGES, LABELS = ("image", "img", "images"), ("label", "fine_label", "labels", "class")


def read(description: dict, root: str, name: str) -> tuple:
    table = read_table(root, name)
    image, label = (column_of(table, wanted, root) for wanted in (IMAGES, LABELS))
    cells = table[label].to_pylist()
    names = class_names(table, label)
    if names is None and all(isinstance(cell, str) for cell in cells):
        names = sorted(set(cells))
        cells = [names.index(cell) for cell in cells]
    numbers = torch.tensor(class_numbers(description, names or description["task"]["names"], root))
    height, width, channels = description["input"]["shape"]
    pixels = numpy.empty((len(cells), channels, height, width), dtype="uint8")
    for i, cell in enumerate(table[image].to_pylist()):
        content = cell["bytes"] if isinstance(cell, dict) else cell
        pixels[i] = read_bytes(content, f"Row {i} of {root}", height, width, channels).transpose(2, 0, 1)
    return instances(pixels, numbers[torch.tensor(cells)])


def column_of(table: Any, wanted: tuple, root: str) -> str:
    name = next((name for name in wanted if name in table.column_names), None)
    if name is None:
        raise SystemExit(f"{root} has no column {' or '.join(wanted)}; it has {', '.join(table.column_names)}.")
    return name
