"""ImageFolder, as torchvision has it: PATH/train/CLASS/*.jpg and PATH/test/CLASS/*.jpg (or val)."""

from __future__ import annotations

import os

import torch

from pictures import ENDINGS

from .common import class_numbers, found, instances, split_names
from .images import read_pictures


def read(description: dict, root: str, name: str) -> tuple:
    """All pictures of a split, in the size of the recipe: a byte for each value in memory."""
    place = found(root, name, [os.path.join(root, split) for split in split_names(name)])
    folders = sorted(entry.name for entry in os.scandir(place) if entry.is_dir())
    files, labels = [], []
    for folder, number in zip(folders, class_numbers(description, folders, place)):
        own = sorted(os.listdir(os.path.join(place, folder)))
        own = [os.path.join(place, folder, file) for file in own if file.lower().endswith(ENDINGS)]
        files += own
        labels += [number] * len(own)
    if not files:
        raise SystemExit(f"There are no pictures in {place}/CLASS/.")
    return instances(read_pictures(description, files), torch.tensor(labels))
