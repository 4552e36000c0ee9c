"""ImageFolder, as torchvision has it: PATH/train/CLASS/*.jpg and PATH/test/CLASS/*.jpg (or val)."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy
import torch

from pictures import ENDINGS, read_picture

from .common import class_numbers, found, instances, split_names


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
    height, width, channels = description["input"]["shape"]
    pixels = numpy.empty((len(files), channels, height, width), dtype="uint8")

    def take(i: int) -> None:
        pixels[i] = read_picture(files[i], height, width, channels).transpose(2, 0, 1)

    with ThreadPoolExecutor() as pool:
        for _ in pool.map(take, range(len(files))):
            pass
    return instances(pixels, torch.tensor(labels))
