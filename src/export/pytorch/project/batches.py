"""Which instances a step sees, and how they are moved: the same as on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Callable, Optional

import torch

from streams import Stream

if TYPE_CHECKING:
    from data import Split
    from processes import Part


@dataclass
class Drawn:
    """Instances of a step, those with a label first.

    rows: [B] of the training split
    pool: [B] places among the rows that the student sees, for what is remembered of each
    labelled: how many have a label
    moves: [B,3] how far down and to the right an image is shifted, and 1 if it is mirrored first; None without any
    members: [B] for which member of the teacher each is a copy; None where members have no copies
    partners: [B] rows that the teacher looks at instead; None where it looks at the same
    """

    rows: list
    pool: list
    labelled: int
    moves: Optional[list]
    members: Optional[list] = None
    partners: Optional[list] = None

    def of(self, part: Part) -> Drawn:
        """What a process computes of it (`processes.py`)."""
        labelled = sum(row < self.labelled for row in part.rows)
        moves, members, partners = (each and part.of(each) for each in (self.moves, self.members, self.partners))
        return Drawn(part.of(self.rows), part.of(self.pool), labelled, moves, members, partners)


class Order:
    """Rows in a shuffled order, epoch after epoch; what fills no batch at the end of an epoch is dropped."""

    def __init__(self, rows: Sequence, batch: int, stream: Stream) -> None:
        self.rows, self.batch, self.stream = list(rows), min(batch, len(rows)), stream
        self.at = len(self.rows)

    def next(self) -> list:
        if self.at + self.batch > len(self.rows):
            self.stream.shuffle(self.rows)
            self.at = 0
        taken = self.rows[self.at : self.at + self.batch]
        self.at += self.batch
        return taken

    def state_dict(self) -> dict:
        return {"rows": torch.tensor(self.rows), "at": self.at, "stream": self.stream.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        self.rows, self.at = state["rows"].tolist(), state["at"]
        self.stream.load_state_dict(state["stream"])


class Batches:
    """The student's batches.

    prefix: of the names of its streams, for batches of a stage of their own
    copies: how often each row occurs in an epoch, once for each member of a teacher
    partners: whether the teacher looks at other instances of the same class
    labelled_only: whether batches have the rows with a label alone
    unlabelled_order: draws the unlabelled rows, where not epoch after epoch (`balanced.py`)
    """

    def __init__(
        self,
        recipe: dict,
        train: Split,
        batch: int,
        prefix: str = "",
        copies: int = 1,
        partners: bool = False,
        labelled_only: bool = False,
        unlabelled_order: Optional[Callable] = None,
    ) -> None:
        material, seed = recipe["material"], recipe["seed"]
        stream = lambda name: Stream(seed, prefix + name)
        labelled, unlabelled = train.rows("labelled"), train.rows("unlabelled")
        share = material["realShare"]
        real = 0 if share == 0 else min(max(int(batch * share // 100), 1), batch - 1)
        real = real if unlabelled else batch
        self.copies, self.labelled_only = copies, labelled_only
        self.rows = labelled, unlabelled
        unlabelled_order = unlabelled_order or Order
        self.orders = (
            Order(range(copies * len(labelled)), min(real, len(labelled)), stream("order/labelled")),
            unlabelled_order(range(copies * len(unlabelled)), min(batch - real, len(unlabelled)), stream("order/unlabelled")),
        )
        # Generated pictures may come with a label each.
        self.all_given = material["unlabelledFrom"] == "generated" and material["relabel"]
        pool = unlabelled if share == 0 and unlabelled else labelled + unlabelled
        self.pool = {row: place for place, row in enumerate(pool)}
        self.moves = Moves(int(material["shift"]), bool(material["flip"]), stream("augmentation"))
        self.partners = Partners(train.given, labelled, stream("partners")) if partners else None
        # What `next` will give, where it has been drawn already.
        self.drawn: Optional[Drawn] = None
        # Rows of the batch that `next` gave last.
        self.current: list[int] = []

    @property
    def size(self) -> int:
        return self.split[0] if self.labelled_only else sum(self.split)

    @property
    def split(self) -> tuple:
        """How many rows of a batch have a label, and how many have none."""
        return tuple(order.batch for order in self.orders)

    @property
    def epoch(self) -> int:
        """Steps in which each labelled instance is seen once; each unlabelled one where there are no others."""
        order = next(order for order in self.orders if order.batch)
        return max(1, len(order.rows) // order.batch)

    def state_dict(self) -> dict:
        parts = {name: part.state_dict() for name, part in self._parts().items()}
        return {**parts, "drawn": self.drawn and asdict(self.drawn), "current": self.current}

    def load_state_dict(self, state: dict) -> None:
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.drawn = Drawn(**state["drawn"]) if state["drawn"] else None
        self.current = state["current"]

    def _parts(self) -> dict:
        labelled, unlabelled = self.orders
        parts = {"labelled": labelled, "unlabelled": unlabelled, "moves": self.moves.stream}
        return {**parts, "partners": self.partners.stream} if self.partners else parts

    def next(self) -> Drawn:
        drawn = self.ahead()
        self.drawn, self.current = None, drawn.rows
        return drawn

    def ahead(self) -> Drawn:
        """What `next` will give."""
        if self.drawn is None:
            self.drawn = self._draw()
        return self.drawn

    def _draw(self) -> Drawn:
        rows, members = [], []
        for own, order in zip(self.rows, self.orders):
            for place in order.next() if order.batch else []:
                member, row = divmod(place, len(own))
                rows.append(own[row])
                members.append(member)
        labelled = self.split[0]
        partners = self.partners.of(rows[:labelled]) + rows[labelled:] if self.partners else None
        pool = [self.pool.get(row, 0) for row in rows]
        moves = self.moves.draw(len(rows))
        if self.labelled_only:
            # Drawn like all others, so that those with a label are moved as with them.
            return Drawn(rows[:labelled], pool[:labelled], labelled, moves and moves[:labelled])
        given = len(rows) if self.all_given else labelled
        return Drawn(rows, pool, given, moves, members if self.copies > 1 else None, partners)


class Partners:
    """For each row another one of its given class, drawn anew each time; its own where there is none."""

    def __init__(self, given: torch.Tensor, candidates: list, stream: Stream) -> None:
        self.classes, self.stream = given.tolist(), stream
        self.mates: dict[int, list[int]] = {}
        for row in candidates:
            self.mates.setdefault(self.classes[row], []).append(row)
        self.mates.pop(-1, None)

    def of(self, rows: list) -> list:
        return [self._of(row) for row in rows]

    def _of(self, row: int) -> int:
        mates = [mate for mate in self.mates.get(self.classes[row], []) if mate != row]
        return mates[self.stream.below(len(mates))] if mates else row


class Moves:
    """Shifts by up to `shift` pixels either way, and mirrors half of the images."""

    def __init__(self, shift: int, flip: bool, stream: Stream) -> None:
        self.shift, self.flip, self.stream = shift, flip, stream

    def draw(self, count: int) -> Optional[list]:
        if not self.shift and not self.flip:
            return None
        return [self._one() for _ in range(count)]

    def _one(self) -> list:
        below, shift = self.stream.below, self.shift
        down, right = (below(2 * shift + 1) - shift if shift else 0 for _ in range(2))
        return [down, right, below(2) if self.flip else 0]


def moved(images: torch.Tensor, moves: list, unit: int = 1) -> torch.Tensor:
    """Images [B,C,H,W] moved by `unit` times the pixels; black enters at the edges."""
    batch, kinds, height, width = images.shape
    down, right, mirrored = torch.tensor(moves, device=images.device).t()
    images = torch.where(mirrored[:, None, None, None] == 1, images.flip(3), images)
    most = unit * max(1, int(torch.stack([down, right]).abs().max()))
    padded = torch.nn.functional.pad(images, (most,) * 4)
    at = lambda count: torch.arange(count, device=images.device)
    rows = (most - unit * down[:, None] + at(height))[:, None, :, None]
    columns = (most - unit * right[:, None] + at(width))[:, None, None, :]
    return padded[at(batch)[:, None, None, None], at(kinds)[None, :, None, None], rows, columns]
