"""A training's whole state in one file, from which it goes on as if it had not stopped."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING, Optional

import torch

if TYPE_CHECKING:
    from metrics import Metrics
    from training import Training


def save(file: str, training: Training, metrics: Metrics) -> None:
    """Writes the state after `training.done` steps; an interrupted save leaves the file before whole."""
    state = {
        "setting": setting_of(training),
        "done": training.done,
        "parts": {name: part.state_dict() for name, part in {**training.parts(), "metrics": metrics}.items()},
        "random": torch.get_rng_state(),
    }
    torch.save(state, f"{file}.new")
    os.replace(f"{file}.new", file)


def load(file: str, training: Training, metrics: Optional[Metrics]) -> None:
    """Takes up the state of a file. `metrics`: None in processes that measure nothing."""
    # Plain values and tensors, which PyTorch 2.6 and newer ask for. Older ones run whatever a file says: take your own only.
    try:
        state = torch.load(file, map_location="cpu")
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, ValueError):
        state = None
    if not isinstance(state, dict) or "setting" not in state:
        raise SystemExit(f"{file} is no checkpoint of this script, or is cut off; start without --resume.")
    take_up(state, training, file)
    if metrics:
        metrics.load_state_dict(state["parts"]["metrics"])
    torch.set_rng_state(state["random"])


def take_up(state: dict, training: Training, whose: str) -> None:
    """Has a training go on from a state. `whose`: names it where it does not fit."""
    if state["setting"] != setting_of(training):
        raise SystemExit(f"{whose} is of another recipe, length, batch or learning rate; start without --resume.")
    training.done = state["done"]
    for name, part in training.parts().items():
        part.load_state_dict(state["parts"][name])


def setting_of(training: Training) -> dict:
    """What must be the same."""
    run = training.run
    return {
        "title": run.recipe["title"],
        "seed": run.recipe["seed"],
        "losses": list(run.description["hintKeys"]),
        "steps": training.steps,
        "batch": run.batches.size,
        "rate": training.highest,
    }
