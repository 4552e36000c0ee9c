"""Images as class folders: data/train/<class>/*.png and data/test/<class>/*.png.

`data/train.csv` says which training images the student may use and with which label (few labels, wrong labels and
unlabelled images of the recipe are in there). Delete it to use all images of the folders with their folder's label,
for instance after adding more.
"""

import csv
import os

import numpy
import torch

from pictures import ENDINGS, read_picture


class Split:
    """pixels [N,C,H,W] bytes; labels [N] of the folders; given [N] as the student has them, -1 for none."""

    def __init__(self, pixels, labels, given, roles):
        self.pixels = pixels
        self.labels = labels
        self.given = given
        self.roles = roles

    def rows(self, role):
        return torch.tensor([i for i, name in enumerate(self.roles) if name == role], dtype=torch.long)


def entries_of(recipe, root, name):
    """(file, label, given label, role) of every picture of a split."""
    folders = recipe["folders"]
    table = os.path.join(root, f"{name}.csv")
    if os.path.exists(table):
        with open(table, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return [
            (row["file"], folders.index(row["file"].split("/")[0]), int(row["given"] or -1), row["role"]) for row in rows
        ]
    entries = []
    for label, folder in enumerate(folders):
        place = os.path.join(root, name, folder)
        files = sorted(os.listdir(place)) if os.path.isdir(place) else []
        entries += [(f"{folder}/{f}", label, label, "labelled") for f in files if f.lower().endswith(ENDINGS)]
    return entries


def read_split(recipe, root, name):
    """A split; ends the program with a sentence where pictures are missing."""
    entries = entries_of(recipe, root, name)
    missing = next((file for file, *_ in entries if not os.path.exists(os.path.join(root, name, file))), None)
    if not entries or missing is not None:
        place = os.path.join(root, name)
        what = f"{missing} is not in {place}." if missing else f"There are no pictures in {place}."
        listed = ", ".join(recipe["folders"][:5]) + (", ..." if len(recipe["folders"]) > 5 else "")
        table = " and delete train.csv there" if missing else ""
        raise SystemExit(f"{what} Put your own into {place}/CLASS/ ({listed}){table}, or save the folder with its images.")
    height, width, channels = recipe["image"]
    pixels = numpy.empty((len(entries), channels, height, width), dtype="uint8")
    for i, (file, *_) in enumerate(entries):
        pixels[i] = read_picture(os.path.join(root, name, file), height, width, channels).transpose(2, 0, 1)
    return Split(
        torch.from_numpy(pixels),
        torch.tensor([label for _, label, _, _ in entries]),
        torch.tensor([given for _, _, given, _ in entries]),
        [role for _, _, _, role in entries],
    )


def prepare(pixels, recipe, augment, device):
    """Bytes [B,C,H,W] to what student and teacher read, a pair: halved, moved and mirrored if the recipe says so,
    normalised. The student may see half the size of what the teacher sees, moved alike."""
    x = pixels.to(device).float()
    material = recipe["recipe"]["material"]
    half = recipe["recipe"]["student"]["view"] == "half"
    if material["halve"]:
        x = torch.nn.functional.avg_pool2d(x, 2)
    if augment:
        x = moved(x, int(material["shift"]), bool(material["flip"]), 2 if half else 1)
    seen = torch.nn.functional.avg_pool2d(x, 2) if half else x
    student = (seen / 255 - recipe["mean"]) / recipe["deviation"]
    if "teacherMean" not in recipe:
        return student, student
    return student, (x / 255 - recipe["teacherMean"]) / recipe["teacherDeviation"]


def moved(x, shift, flip, unit):
    """Each image moved by up to `shift` times `unit` pixels (black enters at the edges) and mirrored half of the time."""
    batch, _, height, width = x.shape
    if flip:
        mirrored = torch.rand(batch, device=x.device) < 0.5
        x = torch.where(mirrored[:, None, None, None], x.flip(3), x)
    if shift == 0:
        return x
    padded = torch.nn.functional.pad(x, (unit * shift,) * 4)
    down, right = unit * torch.randint(0, 2 * shift + 1, (2, batch), device=x.device)
    rows = (down[:, None] + torch.arange(height, device=x.device))[:, None, :, None]
    columns = (right[:, None] + torch.arange(width, device=x.device))[:, None, None, :]
    images = torch.arange(batch, device=x.device)[:, None, None, None]
    kinds = torch.arange(x.shape[1], device=x.device)[None, :, None, None]
    return padded[images, kinds, rows, columns]
