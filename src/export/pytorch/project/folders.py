"""Images as class folders: data/train/<class>/*.png and data/test/<class>/*.png.

`data/train.csv` says which training images the student may use and with which label (few labels, wrong labels and
unlabelled images of the recipe are in there). Delete it to use all images of the folders with their folder's label,
for instance after adding more. Where the teacher sees other pictures, these are in data/undisturbed/train/<class>/ and
data/undisturbed/test/<class>/, under the same names; without that folder it sees those of the student.
"""

from __future__ import annotations

import csv
import os
from typing import Optional

import numpy
import torch

from pictures import ENDINGS, read_picture


def entries_of(description: dict, root: str, name: str) -> list[tuple]:
    """(file, label, given label, role, place among those of its role) of every picture of a split; no place without a table."""
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
        entries += [(f"{folder}/{f}", label, label, "labelled", None) for f in pictures]
    return entries


def read(description: dict, root: str, name: str) -> tuple:
    """What a split holds; ends the program with a sentence where pictures are missing."""
    entries = entries_of(description, root, name)
    files, places = [file for file, *_ in entries], [place for *_, place in entries]
    return (
        read_pictures(description, os.path.join(root, name), files),
        torch.tensor([label for _, label, *_ in entries]),
        torch.tensor([given for _, _, given, *_ in entries]),
        [role for *_, role, _ in entries],
        None if places[:1] == [None] else places,
        shown_pictures(description, os.path.join(root, "undisturbed", name), files),
    )


def read_pictures(description: dict, place: str, files: list[str]) -> torch.Tensor:
    """[N,C,H,W] bytes of the files in a folder."""
    missing = next((file for file in files if not os.path.exists(os.path.join(place, file))), None)
    if not files or missing is not None:
        what = f"{missing} is not in {place}." if missing else f"There are no pictures in {place}."
        listed = ", ".join(description["folders"][:5]) + (", ..." if len(description["folders"]) > 5 else "")
        table = " and delete train.csv there" if missing else ""
        raise SystemExit(f"{what} Put your own into {place}/CLASS/ ({listed}){table}, or save the folder with its images.")
    height, width, channels = description["input"]["shape"]
    pixels = numpy.empty((len(files), channels, height, width), dtype="uint8")
    for i, file in enumerate(files):
        pixels[i] = read_picture(os.path.join(place, file), height, width, channels).transpose(2, 0, 1)
    return torch.from_numpy(pixels)


def shown_pictures(description: dict, place: str, files: list[str]) -> Optional[torch.Tensor]:
    """The same of those that the teacher sees in their place; None where it sees the same."""
    if not os.path.isdir(place):
        return None
    missing = next((file for file in files if not os.path.exists(os.path.join(place, file))), None)
    if missing:
        raise SystemExit(
            f"{missing} is not in {place}, where the teacher's pictures are. Put it there too, or take the folder "
            '"undisturbed" away: then the teacher sees the student\'s.'
        )
    return read_pictures(description, place, files)
