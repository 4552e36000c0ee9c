"""What the losses have in common. Maps are [B,C,H,W] here; shapes in `recipe.json` are [H,W,C]."""

import torch
from torch import nn
import torch.nn.functional as F


class Hint(nn.Module):
    """One entry of the recipe's hints: its loss, and what it trains beside the student."""

    # Whether the loss of an image may be below zero.
    may_be_negative = False

    def __init__(self, entry, student, teacher):
        """`student`, `teacher`: descriptions of the networks, for the shapes of their maps."""
        super().__init__()
        self.knobs = {name: number(value) for name, value in entry["knobs"].items()}
        self.shuffled = entry["shuffled"]
        self.build(student, teacher)

    def build(self, student, teacher):
        """Makes what is trained beside the student, under the names of the page."""

    def losses(self, student, teacher, one_hot):
        """[B] from the traces of both networks and the labels as one-hot [B,C], zeros without a label.

        Where targets are no classes, `one_hot` is what `tasks.py` encodes, and a loss does without it.
        """
        raise NotImplementedError

    def forward(self, student, teacher, one_hot):
        """The teacher's trace is a constant."""
        return self.losses(student, shifted(teacher) if self.shuffled else teacher, one_hot)


def number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def shifted(trace):
    """Each image gets the teacher's trace of the image before it in the batch: a shuffled teacher."""
    roll = lambda x: torch.roll(x, 1, 0)
    return {
        name: [roll(x) for x in value] if isinstance(value, list) else roll(value) for name, value in trace.items()
    }


def no_teacher(batch, outputs, device):
    """The trace of a run without a teacher: the uniform distribution over the classes."""
    zeros = torch.zeros(batch, outputs, device=device)
    return {"logits": zeros, "embedding": zeros, "stages": []}


# --- labels ----------------------------------------------------------------------------------------------------------


def targets_of(one_hot, teacher):
    """One-hot [B,C]: the label where there is one, else the teacher's top class."""
    answers = F.one_hot(teacher.argmax(1), one_hot.shape[1]).float()
    return one_hot + answers * (1 - one_hot.sum(1, keepdim=True))


def over_labelled(losses, one_hot):
    """Scaled so that the mean over the batch is the mean over the labelled images."""
    return losses * (len(one_hot) / one_hot.sum().clamp_min(1))


# --- maps ------------------------------------------------------------------------------------------------------------


def pair_stages(students, teachers):
    """Which teacher stage each student stage learns from: evenly spread, the last ones always paired."""
    pairs = min(students, teachers)
    return [((i + 1) * students // pairs - 1, (i + 1) * teachers // pairs - 1) for i in range(pairs)]


def match_sides(a, b):
    """Pools the larger of two maps to the smaller one's height and width."""
    sides = (min(a.shape[2], b.shape[2]), min(a.shape[3], b.shape[3]))
    return F.adaptive_avg_pool2d(a, sides), F.adaptive_avg_pool2d(b, sides)


def mean_square(a, b):
    return (a - b).square().flatten(1).mean(1)


def unit_rows(rows):
    """Rows of length 1; the floor keeps the gradient of a row of zeros finite."""
    return rows / rows.square().sum(-1, keepdim=True).clamp_min(1e-24).sqrt()


def stage_of(trace, number):
    """0 is the stem, 1..n the stages, more means the last."""
    return trace["stem"] if number == 0 else trace["stages"][min(number, len(trace["stages"])) - 1]


def shape_of_stage(network, layer):
    """[H,W,C] of the stem (0) or a stage, from the description of a network."""
    trace = network["trace"]
    return shape_of(network, trace["stem"] if layer == 0 else trace["stages"][min(layer, len(trace["stages"])) - 1])


def width_of_embedding(network):
    """D of the vector before the classifier, from the description of a network."""
    return shape_of(network, network["trace"]["embedding"])[-1]


def shape_of(network, name):
    if name == "images":
        return network["input"]
    return next(step["shape"] for step in network["nodes"] if step["name"] == name)


# --- relations of images ---------------------------------------------------------------------------------------------


def vectors_of(trace, knobs):
    """What stands for the images, [B,D]: the embeddings, or the logits where the recipe compares those."""
    return trace["logits"] if knobs["space"] == "logits" else trace["embedding"]
