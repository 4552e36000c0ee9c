"""A teacher that learns from the labels of the student's batches, in the student's steps (Apprentice, scheme A)."""

import torch

from optimisers import make_descent

from .base import Teacher as Base


class Teacher(Base):
    alone = "A teacher that learns beside the student is not shared by processes."
    frozen = None

    def begin(self):
        (self.network,) = self.networks
        self.descent = make_descent(self.description, dict(self.network.named_parameters()))

    def learners(self):
        return {"network": self.network, "descent": self.descent}

    @torch.no_grad()
    def __call__(self, inputs, drawn):
        """In a step it normalises by the batch, as the student does."""
        return self.network.train().glance(inputs)

    def learn(self, step, student, rate):
        output = self.network.train()(step.shown)["logits"]
        self.descent.step(self.knobs["labelWeight"] * self.task.mean_loss(output, step.targets), None, rate)
