"""Pictures of a split, read by several threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy

from pictures import read_picture


def read_pictures(description: dict, files: list[str]) -> numpy.ndarray:
    """[N,C,H,W] of files, in the size of the recipe: a byte for each value in memory."""
    height, width, channels = description["input"]["shape"]
    pixels = numpy.empty((len(files), channels, height, width), dtype="uint8")

    def take(i: int) -> None:
        pixels[i] = read_picture(files[i], height, width, channels).transpose(2, 0, 1)

    with ThreadPoolExecutor() as pool:
        for _ in pool.map(take, range(len(files))):
            pass
    return pixels
