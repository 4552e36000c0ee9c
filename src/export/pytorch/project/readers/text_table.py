"""Tables as text: PATH/train.csv and PATH/test.csv, or .tsv, .txt, .data; with any separator, with or without names of columns.

Without names a row has the columns of the recipe in their order and what is asked behind them, as files of the UCI repository have.
"""

from __future__ import annotations

import csv
import math
import os
import re
from itertools import islice
from typing import Optional

from .common import found, number_in, split_names
from .tables import columns_of, rows_of, targets_in

ENDINGS = (".csv", ".tsv", ".txt", ".data", ".dat")
# Lines on which the separator is found.
SAMPLE = 50


def read(description: dict, root: str, name: str) -> tuple:
    path = found(root, name, [os.path.join(root, split + ending) for split in split_names(name) for ending in ENDINGS])
    rows = cells_of(path)
    if not rows:
        raise SystemExit(f"{path} is empty.")
    names, rows = with_names(description, rows, path)
    return rows_of(description, {name: [row[i] for row in rows] for i, name in enumerate(names)}, path)


def cells_of(path: str) -> list[list[str]]:
    """The rows that are not empty; ends the program where one has fewer or more cells than the first."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            lines = [line for line in file if line.strip()]
    except UnicodeDecodeError:
        raise SystemExit(f"{path} is no text in UTF-8.") from None
    separator = separator_of(lines[:SAMPLE])
    if separator is None:
        rows = [line.split() for line in lines]
    else:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    odd = next((i for i, row in enumerate(rows) if len(row) != len(rows[0])), None)
    if odd is not None:
        raise SystemExit(f"Row {odd + 1} of {path} has {len(rows[odd])} cells, and the first one {len(rows[0])}.")
    # Where commas separate no cells they may stand before decimals.
    return rows if separator == "," else [[decimal(cell) for cell in row] for row in rows]


def separator_of(lines: list[str]) -> Optional[str]:
    """What splits all lines into equally many cells, more than one; None for blanks."""
    for separator in ("\t", ";", ",", "|"):
        counts = {len(row) for row in islice(csv.reader(lines, delimiter=separator), SAMPLE)}
        if len(counts) == 1 and counts != {1}:
            return separator
    return None


def decimal(cell: str) -> str:
    return cell.replace(",", ".") if re.fullmatch(r"[-+]?\d+,\d+", cell) else cell


def has_number(cells: list[str]) -> bool:
    return any(not math.isnan(number_in(cell)) for cell in cells)


def with_names(description: dict, rows: list[list[str]], path: str) -> tuple[list[str], list[list[str]]]:
    """Names of the columns, and the rows without them."""
    first, *others = rows
    inputs = [column["name"] for column in columns_of(description)]
    expected = inputs + targets_in(description)
    if set(inputs) <= set(first) or (not has_number(first) and others and has_number(others[0])):
        return first, others
    if len(first) != len(expected):
        raise SystemExit(
            f"{path} has {len(first)} columns without names; without names it must have those of the recipe in their order: "
            f"{', '.join(expected)}."
        )
    return expected, rows
