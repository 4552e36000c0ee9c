"""Parquet files of a split: PATH/train*.parquet and PATH/test*.parquet, or both in PATH/data as on the Hugging Face Hub."""

from __future__ import annotations

import glob
import json
import os
from typing import Any, Optional

from .common import split_names


def read_table(root: str, name: str) -> Any:
    """The rows of all files of a split, as a table of pyarrow."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise SystemExit("--data parquet needs the package pyarrow (pip install pyarrow).") from None
    patterns = [os.path.join(root, *folder, f"{split}*.parquet") for split in split_names(name) for folder in ((), ("data",))]
    files = next(filter(None, (sorted(glob.glob(pattern)) for pattern in patterns)), None)
    if files is None:
        raise SystemExit(f"There is no {name} data in {root}: looked for {', '.join(map(os.path.basename, patterns))}.")
    return pyarrow.concat_tables([parquet.read_table(file) for file in files])


def class_names(table: Any, column: str) -> Optional[list]:
    """Names of the numbers in a column, which the Hub writes into the file; None without them."""
    info = json.loads((table.schema.metadata or {}).get(b"huggingface", b"{}"))
    return info.get("info", {}).get("features", {}).get(column, {}).get("names")
