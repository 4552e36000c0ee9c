"""Banks of embeddings: one row per instance that the student sees and network, followed as the networks change."""

from __future__ import annotations

import torch
from torch import nn

from .vectors import unit_rows


class Banks(nn.Module):
    """`student` and `teacher`, [N,D]; first values come with the weights, and are random for other instances."""

    student: torch.Tensor
    teacher: torch.Tensor

    def __init__(self, rows: int, width: int) -> None:
        super().__init__()
        self.register_buffer("student", unit_rows(torch.randn(rows, width)))
        self.register_buffer("teacher", unit_rows(torch.randn(rows, width)))

    def take(self, rows: torch.Tensor, student: torch.Tensor, teacher: torch.Tensor, momentum: float) -> None:
        """Moves the rows of a batch towards its embeddings [B,D]."""
        for bank, embeddings in ((self.student, student), (self.teacher, teacher)):
            bank[rows] = unit_rows(bank[rows] * momentum + embeddings.detach() * (1 - momentum))
