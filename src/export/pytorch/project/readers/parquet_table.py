"""Tables in Parquet files: PATH/train*.parquet and PATH/test*.parquet."""

from .parquet_files import read_table
from .tables import rows_of


def read(description, root, name):
    return rows_of(description, read_table(root, name).to_pydict(), root)
