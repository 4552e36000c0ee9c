"""Where the losses of every step and the scores on the way are written: a CSV file, TensorBoard."""

from __future__ import annotations

import csv
from typing import Any, Optional


class Logs:
    """`table`: a CSV file for the losses of each step; `board`: a folder for TensorBoard; None for neither.

    `done`: steps that the file holds already, in a training that goes on
    """

    def __init__(self, table: Optional[str] = None, board: Optional[str] = None, done: int = 0) -> None:
        self.table, self.board = Table(table, done) if table else None, board and open_board(board, done)

    def step(self, number: int, told: dict) -> None:
        """The losses of a step, by name; `number` counts from 1."""
        if self.table:
            self.table.row(number, told)
        if self.board:
            for name, value in told.items():
                self.board.add_scalar(f"loss/{name}", value, number)

    def score(self, number: int, name: str, value: float) -> None:
        """A score after so many steps."""
        if self.board:
            self.board.add_scalar(f"score/{name}", value, number)

    def flush(self) -> None:
        """Writes out what has been told so far: before a checkpoint, from which a training goes on that was killed."""
        for log in (self.table, self.board):
            if log:
                log.flush()

    def close(self) -> None:
        for log in (self.table, self.board):
            if log:
                log.close()


class Table:
    """A row for each step."""

    def __init__(self, path: str, done: int) -> None:
        kept = rows_until(path, done) if done else []
        self.file = open(path, "w", newline="", encoding="utf-8")
        self.writer = csv.writer(self.file)
        self.writer.writerows(kept)
        self.begun = bool(kept)

    def row(self, number: int, told: dict) -> None:
        if not self.begun:
            self.writer.writerow(["step", *told])
            self.begun = True
        self.writer.writerow([number, *map(repr, told.values())])

    def flush(self) -> None:
        self.file.flush()

    def close(self) -> None:
        self.file.close()


def rows_until(path: str, done: int) -> list:
    """The heading and the rows of the first `done` steps of a file, if there is one."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            heading, *rows = csv.reader(file)
    except (FileNotFoundError, ValueError):
        return []
    # The last row of a training that was killed may be cut off.
    return [heading, *(row for row in rows if len(row) == len(heading) and int(row[0]) <= done)]


def open_board(folder: str, done: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise SystemExit("--tensorboard needs the package tensorboard (pip install tensorboard).") from None
    return SummaryWriter(folder, purge_step=done + 1 if done else None)
