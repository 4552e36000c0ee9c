"""Whose turn it is among members of a teacher that answer one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from streams import Stream

if TYPE_CHECKING:
    from batches import Drawn


def of_turn(outputs: torch.Tensor, drawn: Drawn, number: int, recipe: dict) -> torch.Tensor:
    """[B,outputs] of all members' [M,B,outputs]: in each row those of the member that it is a copy for, or whose step it is.

    `number`: of the step, counted from 0
    """
    members, rows, _ = outputs.shape
    turn = torch.tensor(drawn.members or [member_of(number, members, recipe)] * rows, device=outputs.device)
    return outputs[turn, torch.arange(rows, device=outputs.device)]


def member_of(number: int, members: int, recipe: dict) -> int:
    """Of all rows of a step."""
    if recipe["teacher"]["knobs"]["rule"] == "round-robin":
        return number % members
    uniform = Stream(recipe["seed"], f"teacher/turns/{number + 1}").uniform()
    return min(members - 1, int(uniform * members))
