"""Tables as text: PATH/train.csv and PATH/test.csv with the names of the columns in the first row."""

from __future__ import annotations

import csv
import os

from .common import found, split_names
from .tables import rows_of


def read(description: dict, root: str, name: str) -> tuple:
    path = found(root, name, [os.path.join(root, f"{split}.csv") for split in split_names(name)])
    with open(path, newline="", encoding="utf-8-sig") as file:
        heading, *rows = csv.reader(file)
    return rows_of(description, {name: [row[i] for row in rows] for i, name in enumerate(heading)}, path)
