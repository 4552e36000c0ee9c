"""Where the page's run stood when it was stopped, as a checkpoint of this folder (`checkpoints.py`).

`weights/stopped.json` names the parts of the state; numbers of many dimensions stand in `weights/stopped.safetensors`, and an
entry {"array": NAME} in the place of each.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import weights
from checkpoints import take_up
from learner import path

if TYPE_CHECKING:
    from training import Training


def load(training: Training) -> None:
    """Takes up the state. What the page does not keep (how many batches a layer has seen) stays as it is."""
    with open(path("weights", "stopped.json"), encoding="utf-8") as file:
        state = json.load(file)
    arrays = weights.load(path("weights", "stopped.safetensors"))
    state["parts"] = filled({name: part.state_dict() for name, part in training.parts().items()}, state["parts"], arrays)
    take_up(state, training, "The page's run")


def filled(own: Any, given: Any, arrays: dict) -> Any:
    """What is given, with arrays in their places; of a dict also what stands in `own` alone."""
    if not isinstance(given, dict):
        return given
    if "array" in given:
        # Counts of steps are one array for all parameters, each of which adds to its own.
        return arrays[given["array"]].clone()
    own = own if isinstance(own, dict) else {}
    return {**own, **{name: filled(own.get(name), value, arrays) for name, value in given.items()}}
