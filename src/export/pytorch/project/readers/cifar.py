"""CIFAR-10 and CIFAR-100, as torchvision and their authors store them: PATH/cifar-100-python or PATH/cifar-10-batches-py."""

from __future__ import annotations

import os
import pickle
from typing import Any

import numpy
import torch

from .common import class_numbers, found, instances

FOLDERS = ("cifar-100-python", "cifar-10-batches-py")


def read(description: dict, root: str, name: str) -> tuple:
    if list(description["input"]["shape"]) != [32, 32, 3]:
        raise SystemExit(f"CIFAR has images of 32x32 in colour; this recipe takes {description['input']['shape']}.")
    place = root
    if os.path.basename(os.path.normpath(root)) not in FOLDERS:
        place = found(root, "CIFAR", [os.path.join(root, folder) for folder in FOLDERS])
    of_ten = os.path.exists(os.path.join(place, "batches.meta"))
    parts = [f"data_batch_{i}" for i in range(1, 6)] if name == "train" else ["test_batch"]
    batches = [load(os.path.join(place, part)) for part in (parts if of_ten else [name])]
    labels, names = (b"labels", b"label_names") if of_ten else (b"fine_labels", b"fine_label_names")
    meta = load(os.path.join(place, "batches.meta" if of_ten else "meta"))
    numbers = torch.tensor(class_numbers(description, [each.decode() for each in meta[names]], place))
    pixels = numpy.concatenate([batch[b"data"] for batch in batches]).reshape(-1, 3, 32, 32)
    given = torch.tensor([label for batch in batches for label in batch[labels]])
    return instances(pixels, numbers[given])


class Arrays(pickle.Unpickler):
    """Reads pickles of arrays, lists and texts; any other content could run a program, and is refused."""

    ALLOWED = {"_reconstruct", "ndarray", "dtype", "encode"}

    def find_class(self, module: str, name: str) -> Any:
        if name in self.ALLOWED and module.split(".")[0] in ("numpy", "_codecs"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of CIFAR")


def load(path: str) -> dict:
    if not os.path.exists(path):
        raise SystemExit(f"There is no {path}.")
    with open(path, "rb") as file:
        return Arrays(file, encoding="bytes").load()
