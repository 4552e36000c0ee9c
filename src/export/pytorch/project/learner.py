"""What learns: the student, with what its losses train beside it."""

import json
import os

import torch
from torch import nn

import weights
from hints import make_hint
from network import Network

HERE = os.path.dirname(os.path.abspath(__file__))


def path(*parts):
    return os.path.join(HERE, *parts)


def read_description():
    with open(path("recipe.json"), encoding="utf-8") as file:
        return json.load(file)


class Learner(nn.Module):
    """The student with what its hints train, in one module, so that several GPUs keep all of it in step."""

    def __init__(self, description, facts, through=None):
        """`facts`: what a loss may ask of the run (`hints/base.py`).

        `through`: how a batch passes the student, from the network, the inputs and how many rows have a target.
        """
        super().__init__()
        self.through = through or (lambda network, inputs, labelled: network(inputs))
        self.student = Network(description["student"])
        entries = zip(description["hintKeys"], description["recipe"]["hints"])
        self.hints = nn.ModuleDict({key: make_hint(entry, key, facts) for key, entry in entries})
        # The student's trace of the last step.
        self.trace = None

    def forward(self, inputs, teacher, batch):
        """The student's outputs [B,outputs] and the losses [B,H] of its hints, None without."""
        batch.student = self.student
        trace = self.through(self.student, inputs, batch.labelled)
        if batch.records:
            self.trace = trace
        losses = [hint(trace, teacher, batch) for hint in self.hints.values()]
        return trace["logits"], torch.stack(losses, 1) if losses else None

    @torch.no_grad()
    def after_step(self, teacher, batch):
        """Lets losses take the step's traces into what they remember."""
        for hint in self.hints.values():
            hint.after_step(self.trace, teacher, batch)

    def trained(self):
        """The parameters that the student's optimiser moves."""
        return [parameter for parameter in self.parameters() if parameter.requires_grad]

    def load(self, which):
        """First values of the page (`start`), or where the page stopped (`trained`)."""
        name = "student.safetensors" if which == "trained" else "student-start.safetensors"
        weights.load_into(self.student, path("weights", name))
        hints = path("weights", "hints-start.safetensors")
        if os.path.exists(hints):
            weights.load_into(self.hints, hints)
