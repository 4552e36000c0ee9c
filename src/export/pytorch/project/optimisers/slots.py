"""What optimisers remember of parameters (momentum, squares), by the names of these."""

from __future__ import annotations

import torch


def slots_of(optimiser: torch.optim.Optimizer, named: dict) -> dict:
    """{name: {kind: tensor}}. `named`: what the optimiser moves, in its order, by name."""
    return {name: optimiser.state[parameter] for name, parameter in named.items() if parameter in optimiser.state}


def give_slots(optimiser: torch.optim.Optimizer, named: dict, slots: dict) -> None:
    """Has an optimiser remember what `slots_of` gave; rates and the like stay its own."""
    places = {name: place for place, name in enumerate(named)}
    state = {places[name]: kinds for name, kinds in slots.items()}
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
