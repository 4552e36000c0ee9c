"""Checks the golden cases against `torch.py`: --check."""

import torch.nn.functional as F

from hints.base import mean_square
from hints.dfa import aggregate, bridge_losses


def mix_of(inputs):
    maps = [inputs[f"teacher{j}"] for j in range(len(inputs["beta"]))]
    return aggregate(maps, inputs["beta"])


def to_teacher(inputs, params):
    return mean_square(mix_of(inputs), F.conv2d(inputs["student"], inputs["connector.weight"]))


def bridge(inputs, params):
    """The student of the cases: two groups of one convolution, pooling between them, and a dense layer."""
    group = lambda x, name: F.relu(F.conv2d(x, inputs[f"{name}.weight"], padding=1))
    rest = lambda x: F.linear(
        group(F.max_pool2d(x, 2), "group1").mean((2, 3)), inputs["fc.weight"], inputs["fc.bias"]
    )
    own, mixed = group(inputs["image"], "group0"), mix_of(inputs)
    distance = mean_square(mixed, F.conv2d(own, inputs["toTeacher.weight"]))
    fed = rest(F.conv2d(mixed, inputs["toStudent.weight"]))
    logits = rest(own)
    one_hot = F.one_hot(inputs["labels"].long(), logits.shape[1]).double()
    return bridge_losses(logits, distance, fed, one_hot, params)


UNITS = {"dfaStudentToTeacher": to_teacher, "dfaBridge": bridge}
