"""How parameters move, one file for each way; the folder holds that of the recipe."""

import importlib


def make_descent(description, parameters):
    """Moves parameters as the recipe's schedule says."""
    schedule = description["recipe"]["schedule"]
    name = "dot" if schedule["optimiser"] == "dot" else "plain"
    return importlib.import_module("." + name, __name__).Descent(schedule, parameters)
