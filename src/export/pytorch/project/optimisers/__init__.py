"""How parameters move, one file for each way; the folder holds that of the recipe."""

from __future__ import annotations

import importlib
from typing import Any, Optional

from processes import Processes


def make_descent(description: dict, named: dict, processes: Optional[Processes] = None) -> Any:
    """Moves parameters, by name, as the recipe's schedule says. `processes`: those that share the student's steps, if any."""
    schedule = description["recipe"]["schedule"]
    name = "dot" if schedule["optimiser"] == "dot" else "plain"
    return importlib.import_module("." + name, __name__).Descent(schedule, named, processes or Processes())
