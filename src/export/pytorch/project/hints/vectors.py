"""Vectors that stand for instances."""

from __future__ import annotations

import torch

from networks.base import Trace


def unit_rows(rows: torch.Tensor) -> torch.Tensor:
    """Rows of length 1; the floor keeps the gradient of a row of zeros finite."""
    return rows / rows.square().sum(-1, keepdim=True).clamp_min(1e-24).sqrt()


def vectors_of(trace: Trace, knobs: dict) -> torch.Tensor:
    """What stands for the images, [B,D]: the embeddings, or the logits where the recipe compares those."""
    return trace["logits"] if knobs["space"] == "logits" else trace["embedding"]
