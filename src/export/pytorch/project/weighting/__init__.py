"""How much each loss counts, one file for each way; the folder holds that of the recipe."""

import importlib


def make_weighting(run):
    """The recipe's weighting of a run (`run.py`)."""
    module = importlib.import_module("." + run.recipe["weighting"]["id"].replace("-", "_"), __name__)
    return module.Weighting(run)
