"""How much each loss counts, one file for each way; the folder holds that of the recipe."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from run import Run


def make_weighting(run: Run) -> Any:
    """The recipe's weighting of a run (`run.py`)."""
    module = importlib.import_module("." + run.recipe["weighting"]["id"].replace("-", "_"), __name__)
    return module.Weighting(run)
