"""Several processes, one for each card (torchrun): each computes its rows of a batch, and all know the losses of the whole.

Numbers of all rows are gathered with gradients, so that what compares instances, or counts them, sees the same batch as one
process would. A process's gradients are then so many times too large as there are processes, and DistributedDataParallel
takes their mean.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import torch
import torch.distributed as dist


class Processes:
    """Number `rank` of `world` processes."""

    def __init__(self, rank: int = 0, world: int = 1) -> None:
        self.rank, self.world = rank, world

    @classmethod
    def of_torchrun(cls) -> Processes:
        return cls(int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1)))

    def part(self, count: int) -> Part:
        """The part of a batch of so many rows that this process computes."""
        return Part(count, self.rank, self.world)

    @torch.no_grad()
    def average(self, tensors: tuple) -> tuple:
        """The mean over the processes of each tensor; None stays None."""
        if self.world > 1:
            for tensor in tensors:
                if tensor is not None:
                    dist.all_reduce(tensor)
                    tensor.div_(self.world)
        return tensors


class Part:
    """Every so manieth row of a batch of `count`: those with a label come first, so all parts have some of both."""

    def __init__(self, count: int, rank: int = 0, world: int = 1) -> None:
        self.count, self.is_all = count, world == 1
        self.rows = list(range(rank, count, world))

    def of(self, values: list) -> list:
        """The part of a list with an entry for each row."""
        return values if self.is_all else [values[i] for i in self.rows]

    def gather(self, values: torch.Tensor) -> torch.Tensor:
        """[count,...] from the values [B,...] of each process's part, with gradients."""
        return values if self.is_all else Gather.apply(values, self.rows, self.count)


class Gather(torch.autograd.Function):
    """All rows from those of each process. Backwards a process's rows get the sum of the gradients that all have for them."""

    @staticmethod
    def forward(ctx: Any, own: torch.Tensor, rows: list[int], count: int) -> torch.Tensor:
        ctx.rows = rows
        whole = own.new_zeros(count, *own.shape[1:])
        whole[rows] = own
        dist.all_reduce(whole)
        return whole

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple:
        return Scatter.apply(gradient, ctx.rows), None, None


class Scatter(torch.autograd.Function):
    """The sum over the processes, of which each takes its rows. Backwards it gathers, for gradients of gradients."""

    @staticmethod
    def forward(ctx: Any, whole: torch.Tensor, rows: list[int]) -> torch.Tensor:
        ctx.rows, ctx.count = rows, len(whole)
        total = whole.contiguous().clone()
        dist.all_reduce(total)
        return total[rows]

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple:
        return Gather.apply(gradient, ctx.rows, ctx.count), None


class GatheredTrace(Mapping):
    """A trace of all rows of a step. What is asked for is gathered, and nothing else."""

    def __init__(self, own: Mapping, part: Part) -> None:
        self.own, self.part = own, part
        self.found: dict = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.found:
            self.found[name] = self._gathered(self.own[name])
        return self.found[name]

    def _gathered(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return GatheredTrace(value, self.part)
        return [self.part.gather(each) for each in value] if isinstance(value, list) else self.part.gather(value)

    def __iter__(self) -> Iterator:
        return iter(self.own)

    def __len__(self) -> int:
        return len(self.own)
