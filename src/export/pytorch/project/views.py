"""How student and teacher see the instances: changed as the recipe says, and normalised."""

import torch


def make_views(description, device):
    """A function from inputs as `data.py` holds them to what student and teacher read, a pair."""
    return {"image": Images, "vector": Columns}[description["input"]["kind"]](description, device)


class Images:
    """[B,C,H,W] from 0 to 255, halved, moved and mirrored if the recipe says so. The student may see half the size of
    what the teacher sees, moved alike."""

    def __init__(self, description, device):
        self.description = description
        self.device = device

    def __call__(self, pixels, augment):
        x = pixels.to(self.device).float()
        description = self.description
        material = description["recipe"]["material"]
        half = description["recipe"]["student"]["view"] == "half"
        if material["halve"]:
            x = torch.nn.functional.avg_pool2d(x, 2)
        if augment:
            x = moved(x, int(material["shift"]), bool(material["flip"]), 2 if half else 1)
        seen = torch.nn.functional.avg_pool2d(x, 2) if half else x
        student = (seen / 255 - description["mean"]) / description["deviation"]
        if "teacherMean" not in description:
            return student, student
        return student, (x / 255 - description["teacherMean"]) / description["teacherDeviation"]


class Columns:
    """Rows of a table [B,D], each column by its own mean and deviation; both see the same."""

    def __init__(self, description, device):
        # In double precision, since a column may be far from zero for its deviation.
        self.mean = torch.tensor(description["mean"], dtype=torch.float64)
        self.deviation = torch.tensor(description["deviation"], dtype=torch.float64)
        self.device = device

    def __call__(self, rows, augment):
        seen = ((rows.double() - self.mean) / self.deviation).float().to(self.device)
        return seen, seen


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
