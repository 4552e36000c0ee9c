"""Writes saved.json: small files of torch.save in base64, by what they hold. Run with Debian's python3-torch."""

import base64
import io
import json
import pathlib
from collections import OrderedDict

import torch


def saved(value, early=False):
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=not early)
    return base64.b64encode(file.getvalue()).decode()


def types():
    numbers = torch.tensor([0.0, 1.5, -2.25, 100.0])
    whole = torch.tensor([0, 1, 127, 5])
    return {
        "f4": numbers,
        "f2": numbers.half(),
        "bf2": numbers.bfloat16(),
        "f8": numbers.double(),
        "i8": whole,
        "i4": -whole.int(),
        "i2": -whole.short(),
        "i1": -whole.char(),
        "u1": whole.byte(),
        "bool": whole.bool(),
    }


base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
views = {"base": base, "turned": base.t(), "part": base[1:3, ::2], "one": torch.tensor(7.0)}
linear = torch.nn.Linear(2, 3)
with torch.no_grad():
    linear.weight.copy_(torch.arange(6).reshape(3, 2))
    linear.bias.copy_(torch.arange(3))
optimiser = torch.optim.SGD(linear.parameters(), lr=0.1, momentum=0.9)
linear(torch.ones(1, 2)).sum().backward()
optimiser.step()
with torch.no_grad():
    linear.weight.copy_(torch.arange(6).reshape(3, 2))
checkpoint = {
    "epoch": 3,
    "best": 0.5,
    "arch": "linear",
    "state_dict": OrderedDict(("module." + name, value) for name, value in linear.state_dict().items()),
    "optimizer": optimiser.state_dict(),
    "parameter": linear.weight,
}
files = {
    "types": saved(types()),
    "typesEarly": saved(types(), early=True),
    "views": saved(views),
    "viewsEarly": saved(views, early=True),
    "checkpoint": saved(checkpoint),
    "module": saved(linear),
    "numpy": saved({"images": base.numpy().astype("uint8"), "labels": [1, 0, 1, 2]}),
}
target = pathlib.Path(__file__).with_name("saved.json")
target.write_text(json.dumps(files, indent=2) + "\n")
print(target, target.stat().st_size)
