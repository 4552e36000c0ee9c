"""A training's whole state in one file, from which it goes on as if it had not stopped."""

import os

import torch


def save(file, training, metrics):
    """Writes the state after `training.done` steps; an interrupted save leaves the file before whole."""
    state = {
        "setting": setting_of(training),
        "done": training.done,
        "parts": {name: part.state_dict() for name, part in {**training.parts(), "metrics": metrics}.items()},
        "random": torch.get_rng_state(),
    }
    torch.save(state, f"{file}.new")
    os.replace(f"{file}.new", file)


def load(file, training, metrics):
    """Takes up the state of a file. `metrics`: None in processes that measure nothing."""
    # Plain values and tensors, which PyTorch 2.6 and newer ask for. Older ones run whatever a file says: take your own only.
    state = torch.load(file, map_location="cpu")
    if state["setting"] != setting_of(training):
        raise SystemExit(f"{file} is of another recipe, length, batch or learning rate; start without --resume.")
    training.done = state["done"]
    parts = training.parts() if metrics is None else {**training.parts(), "metrics": metrics}
    for name, part in parts.items():
        part.load_state_dict(state["parts"][name])
    torch.set_rng_state(state["random"])


def setting_of(training):
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
