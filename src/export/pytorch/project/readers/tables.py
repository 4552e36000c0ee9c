"""Rows of a table as the recipe's numbers: columns by their names, encoded as on the page."""

from __future__ import annotations

import math
import re

import torch

from .common import class_numbers, instances, number_in

# A cell that holds no value, as on the page.
GAP = re.compile(r"(|na|n/a|#n/a|<na>|nan|null|none|\?|-|--|\.|[-+]?inf(inity)?)", re.IGNORECASE)


def rows_of(description: dict, columns: dict, where: str) -> tuple:
    """What a split holds. `columns`: {name: cells}, of which a gap is None or an empty text."""
    used = [column for column in columns_of(description) if column["use"] != "left out"]
    targets = targets_of(description, columns, where)
    absent = next((column["name"] for column in used if column["name"] not in columns), None)
    if absent is not None:
        raise SystemExit(f"{where} has no column “{absent}”; it has {', '.join(columns)}.")
    inputs = torch.tensor([number for column in used for number in encoded(column, columns[column["name"]])])
    return instances(inputs.t().contiguous(), targets)


def columns_of(description: dict) -> list[dict]:
    """How each column of the recipe's file becomes numbers."""
    plain = ({"name": name, "use": "number", "median": None} for name in description["input"]["names"])
    return description["input"].get("columns") or list(plain)


def targets_in(description: dict) -> list[str]:
    """Names of the columns with what is asked."""
    is_class = description["task"]["id"] == "classification"
    return [description.get("target") or "class"] if is_class else description["task"]["names"]


def encoded(column: dict, cells: list) -> list[list[float]]:
    """The numbers of a column, a list for each of them."""
    gaps = [cell is None or GAP.fullmatch(str(cell).strip()) is not None for cell in cells]
    if column["use"] == "category":
        texts = [None if gap else str(cell) for cell, gap in zip(cells, gaps)]
        shares = [[float(text == value) for text in texts] for value in column["values"]]
        return [*shares, [float(gap) for gap in gaps]] if column["gaps"] else shares
    numbers = [number_in(cell, column.get("unit")) for cell in cells]
    median = column["median"]
    own = [(median or 0.0) if math.isnan(number) else number for number in numbers]
    return [own] if median is None else [own, [float(math.isnan(number)) for number in numbers]]


def in_order(names: set[str]) -> list[str]:
    """By their numbers, where all are numbers."""
    are_numbers = not any(math.isnan(number_in(name)) for name in names)
    return sorted(names, key=number_in) if are_numbers else sorted(names)


def targets_of(description: dict, columns: dict, where: str) -> torch.Tensor:
    """As `data.Split` holds them."""
    names = description["task"]["names"]
    if description["task"]["id"] == "classification":
        (target,) = targets_in(description)
        if target not in columns:
            raise SystemExit(f"Name the column with the class: --target NAME, one of {', '.join(columns)}.")
        cells = [None if cell in (None, "", "?") else str(cell) for cell in columns[target]]
        classes = in_order(set(filter(None, cells)))
        numbers = dict(zip(classes, class_numbers(description, classes, where)))
        return torch.tensor([-1 if cell is None else numbers[cell] for cell in cells])
    absent = next((name for name in names if name not in columns), None)
    if absent is not None:
        raise SystemExit(f"{where} has no column “{absent}”; it has {', '.join(columns)}.")
    return torch.tensor([[number_in(cell) for cell in columns[name]] for name in names], dtype=torch.float64).t()
