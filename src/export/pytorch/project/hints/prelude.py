"""An initialisation stage: what a loss trains before the student's own training."""

from dataclasses import dataclass
from typing import Callable, Optional


@dataclass
class Prelude:
    """Steps of a stage and what they train.

    parameters: of the student (a module), those that are trained
    losses: [B] from the student (a function without arguments that gives its trace), the teacher's trace and the batch
    before: what the loss trains by itself on the batch first, from the teacher's trace and the batch
    rate: from the highest learning rate of the schedule
    """

    steps: int
    parameters: Callable
    losses: Callable
    before: Optional[Callable] = None
    rate: Callable = lambda highest: highest
