"""Rows of a table as the recipe's numbers: columns by their names, encoded as on the page."""

from __future__ import annotations

import math
from typing import Optional

import torch

from .common import class_numbers, instances


def rows_of(description: dict, columns: dict, where: str) -> tuple:
    """What a split holds. `columns`: {name: cells}, of which a gap is None or an empty text."""
    about = description["input"].get("columns") or [
        {"name": name, "use": "number", "median": None} for name in description["input"]["names"]
    ]
    used = [column for column in about if column["use"] != "left out"]
    targets = targets_of(description, columns, where)
    absent = next((column["name"] for column in used if column["name"] not in columns), None)
    if absent is not None:
        raise SystemExit(f"{where} has no column “{absent}”; it has {', '.join(columns)}.")
    inputs = torch.tensor([number for column in used for number in encoded(column, columns[column["name"]])])
    return instances(inputs.t().contiguous(), targets)


def encoded(column: dict, cells: list) -> list[list[float]]:
    """The numbers of a column, a list for each of them."""
    gaps = [cell is None or cell == "" for cell in cells]
    if column["use"] == "category":
        texts = [None if gap else str(cell) for cell, gap in zip(cells, gaps)]
        shares = [[float(text == value) for text in texts] for value in column["values"]]
        return [*shares, [float(gap) for gap in gaps]] if column["gaps"] else shares
    numbers = [number_in(cell, column.get("unit")) for cell in cells]
    median = column["median"]
    own = [(median or 0.0) if math.isnan(number) else number for number in numbers]
    return [own] if median is None else [own, [float(math.isnan(number)) for number in numbers]]


def number_in(cell: object, unit: Optional[str] = None) -> float:
    """Of a cell, without its unit; NaN where there is none."""
    text = "" if cell is None else str(cell).strip()
    if unit and text.endswith(unit):
        text = text[: -len(unit)]
    try:
        return float(text)
    except ValueError:
        return math.nan


def targets_of(description: dict, columns: dict, where: str) -> torch.Tensor:
    """As `data.Split` holds them."""
    names = description["task"]["names"]
    if description["task"]["id"] == "classification":
        target = description["target"]
        if target not in columns:
            raise SystemExit(f"Name the column with the class: --target NAME, one of {', '.join(columns)}.")
        cells = [None if cell in (None, "") else str(cell) for cell in columns[target]]
        classes = sorted(set(filter(None, cells)))
        numbers = dict(zip(classes, class_numbers(description, classes, where)))
        return torch.tensor([-1 if cell is None else numbers[cell] for cell in cells])
    absent = next((name for name in names if name not in columns), None)
    if absent is not None:
        raise SystemExit(f"{where} has no column “{absent}”; it has {', '.join(columns)}.")
    return torch.tensor([[number_in(cell) for cell in columns[name]] for name in names], dtype=torch.float64).t()
