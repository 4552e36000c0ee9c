"""Tables in Parquet files: PATH/train*.parquet and PATH/test*.parquet."""

from __future__ import annotations

from .parquet_files import read_table
from .tables import rows_of


def read(description: dict, root: str, name: str) -> tuple:
    return rows_of(description, read_table(root, name).to_pydict(), root)
