"""An ensemble whose members take turns: a step shows one member's answers, or each row those of the member it is a copy for."""

import torch

from streams import Stream

from .base import Teacher as Base


class Teacher(Base):
    def begin(self):
        self.number = 0

    def advance(self, number, steps, student_logits):
        self.number = number

    @torch.no_grad()
    def __call__(self, inputs, drawn):
        for network in self.networks:
            network.eval()
        traces = self.traces(inputs)
        outputs = torch.stack([trace["logits"] for trace in traces])
        turn = torch.tensor(drawn.members or [self._member()] * len(inputs), device=inputs.device)
        logits = outputs[turn, torch.arange(len(inputs), device=inputs.device)]
        return self.corrupted({**traces[0], "logits": logits})

    def _member(self):
        """Of all rows of the present step."""
        count = len(self.networks)
        if self.knobs["rule"] == "round-robin":
            return self.number % count
        uniform = Stream(self.description["recipe"]["seed"], f"teacher/turns/{self.number + 1}").uniform()
        return min(count - 1, int(uniform * count))
