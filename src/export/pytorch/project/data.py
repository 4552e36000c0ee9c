"""Images as class folders: data/train/<class>/*.png and data/test/<class>/*.png.

`data/train.csv` says which training images the student may use and with which label (few labels, wrong labels and
unlabelled images of the recipe are in there). Delete it to use all images of the folders with their folder's label,
for instance after adding more.
"""

import csv
import os

import numpy
import torch
from PIL import Image


class Split:
    """pixels [N,C,H,W] bytes; labels [N] of the folders; given [N] as the student has them, -1 for none."""

    def __init__(self, pixels, labels, given, roles):
        self.pixels = pixels
        self.labels = labels
        self.given = given
        self.roles = roles

    def rows(self, role):
        return torch.tensor([i for i, name in enumerate(self.roles) if name == role], dtype=torch.long)


def read_split(recipe, root, name):
    folders = recipe["folders"]
    table = os.path.join(root, f"{name}.csv")
    entries = []
    if os.path.exists(table):
        with open(table, newline="") as file:
            for row in csv.DictReader(file):
                label = folders.index(row["file"].split("/")[0])
                entries.append((row["file"], label, int(row["given"] or -1), row["role"]))
    else:
        for label, folder in enumerate(folders):
            for file in sorted(os.listdir(os.path.join(root, name, folder))):
                entries.append((f"{folder}/{file}", label, label, "labelled"))
    height, width, channels = recipe["image"]
    pixels = numpy.empty((len(entries), channels, height, width), dtype="uint8")
    for i, (file, *_) in enumerate(entries):
        with Image.open(os.path.join(root, name, file)) as picture:
            picture = picture.convert("L" if channels == 1 else "RGB")
            if picture.size != (width, height):
                picture = picture.resize((width, height), Image.BILINEAR)
            array = numpy.asarray(picture).reshape(height, width, channels)
        pixels[i] = array.transpose(2, 0, 1)
    return Split(
        torch.from_numpy(pixels),
        torch.tensor([label for _, label, _, _ in entries]),
        torch.tensor([given for _, _, given, _ in entries]),
        [role for _, _, _, role in entries],
    )


def prepare(pixels, recipe, augment, device):
    """Bytes [B,C,H,W] to what the networks read: halved, moved and mirrored if the recipe says so, normalised."""
    x = pixels.to(device).float()
    material = recipe["recipe"]["material"]
    if material["halve"]:
        x = torch.nn.functional.avg_pool2d(x, 2)
    if augment:
        x = moved(x, int(material["shift"]), bool(material["flip"]))
    return (x / 255 - recipe["mean"]) / recipe["deviation"]


def moved(x, shift, flip):
    """Each image moved by up to `shift` pixels (black enters at the edges) and mirrored half of the time."""
    batch, _, height, width = x.shape
    if flip:
        mirrored = torch.rand(batch, device=x.device) < 0.5
        x = torch.where(mirrored[:, None, None, None], x.flip(3), x)
    if shift == 0:
        return x
    padded = torch.nn.functional.pad(x, (shift, shift, shift, shift))
    down, right = torch.randint(0, 2 * shift + 1, (2, batch), device=x.device)
    rows = (down[:, None] + torch.arange(height, device=x.device))[:, None, :, None]
    columns = (right[:, None] + torch.arange(width, device=x.device))[:, None, None, :]
    images = torch.arange(batch, device=x.device)[:, None, None, None]
    kinds = torch.arange(x.shape[1], device=x.device)[None, :, None, None]
    return padded[images, kinds, rows, columns]
