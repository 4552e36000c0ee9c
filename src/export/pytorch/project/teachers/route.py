"""RCO: the states of a teacher's training, one after another, as the page's student walked along them."""

from __future__ import annotations

from typing import Callable, Optional

import weights
from learner import path

from .base import Stage
from .base import Teacher as Base


class Teacher(Base):
    """`description["route"]`: the legs of the way, each with the file of its state and the share of the run it begins at."""

    def begin(self) -> None:
        if self.which == "trained":
            self.stand_still()
        else:
            self._enter(self.description["route"][0])

    def learners(self) -> dict:
        return {"network": self.networks[0]}

    def stand_still(self) -> None:
        self._enter(next(leg for leg in self.description["route"] if leg["present"]))

    def advance(self, number: int, steps: int, student_logits: Callable) -> Optional[Stage]:
        """At the beginning of a leg: its state, and a stage of its own if the strategy has stages."""
        legs = self.description["route"]
        begins = [round(leg["begins"] * steps) for leg in legs] + [steps]
        if number not in begins[:-1]:
            return None
        place = begins.index(number)
        self._enter(legs[place])
        if self.knobs["strategy"] not in ("stages", "greedy"):
            return None
        return Stage(begins[place + 1] - number, bool(self.knobs["resetOptimiser"]) and place > 0)

    def _enter(self, leg: dict) -> None:
        weights.load_into(self.networks[0], path("weights", leg["weights"]))
        self.version += 1
