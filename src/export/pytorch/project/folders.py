"""Images as class folders: data/train/<class>/*.png and data/test/<class>/*.png.

`data/train.csv` says which training images the student may use and with which label (few labels, wrong labels and
unlabelled images of the recipe are in there). Delete it to use all images of the folders with their folder's label,
for instance after adding more.
"""

from __future__ import annotations

import csv
import os

import numpy
import torch

from pictures import ENDINGS, read_picture


def entries_of(description: dict, root: str, name: str) -> list[tuple]:
    """(file, label, given label, role, place among those of its role) of every picture of a split."""
    folders = description["folders"]
    table = os.path.join(root, f"{name}.csv")
    if os.path.exists(table):
        with open(table, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return [
            (file, folders.index(file.split("/")[0]), int(given or -1), role, int(place))
            for file, given, role, place in ((row[key] for key in ("file", "given", "role", "place")) for row in rows)
        ]
    entries = []
    for label, folder in enumerate(folders):
        place = os.path.join(root, name, folder)
        files = sorted(os.listdir(place)) if os.path.isdir(place) else []
        pictures = [f for f in files if f.lower().endswith(ENDINGS)]
        entries += [(f"{folder}/{f}", label, label, "labelled", 0) for f in pictures]
    return entries


def read(description: dict, root: str, name: str) -> tuple:
    """What a split holds; ends the program with a sentence where pictures are missing."""
    entries = entries_of(description, root, name)
    missing = next((file for file, *_ in entries if not os.path.exists(os.path.join(root, name, file))), None)
    if not entries or missing is not None:
        place = os.path.join(root, name)
        what = f"{missing} is not in {place}." if missing else f"There are no pictures in {place}."
        listed = ", ".join(description["folders"][:5]) + (", ..." if len(description["folders"]) > 5 else "")
        table = " and delete train.csv there" if missing else ""
        raise SystemExit(f"{what} Put your own into {place}/CLASS/ ({listed}){table}, or save the folder with its images.")
    height, width, channels = description["input"]["shape"]
    pixels = numpy.empty((len(entries), channels, height, width), dtype="uint8")
    for i, (file, *_) in enumerate(entries):
        pixels[i] = read_picture(os.path.join(root, name, file), height, width, channels).transpose(2, 0, 1)
    return (
        torch.from_numpy(pixels),
        torch.tensor([label for _, label, *_ in entries]),
        torch.tensor([given for _, _, given, *_ in entries]),
        [role for *_, role, _ in entries],
        [place for *_, place in entries],
    )
