"""Introspective learning: after the abstract of Gu et al. 2020."""

from __future__ import annotations

from typing import Callable

import torch
import torch.nn.functional as F

from networks.base import Trace
from streams import Stream

from .answers import divergence
from .base import Batch, Hint
from .labels import over_labelled


def class_maps(maps: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """[B,K,P] relu(sum_c w_kc f_c) at every place. `maps`: [B,C,H,W]; `kernel`: [K,C] of the classifier."""
    return F.relu(torch.einsum("bcp,kc->bkp", maps.flatten(2), kernel))


def input_gradients(logits_of: Callable, inputs: torch.Tensor, times_input: bool) -> torch.Tensor:
    """[B,K,P] gradients of each logit by the input, constants. Each row must depend on its own input alone."""
    inputs = inputs.detach().requires_grad_()
    with torch.enable_grad():
        logits = logits_of(inputs)
        grads = [torch.autograd.grad(logits[:, k].sum(), inputs, retain_graph=True)[0] for k in range(logits.shape[1])]
    found = torch.stack(grads, 1)
    return (found * inputs.detach()[:, None] if times_input else found).flatten(2)


def cosines(explanations: torch.Tensor, one_hot: torch.Tensor) -> torch.Tensor:
    """[B,K] of the explanation of each class with that of the right one; zeros without a label."""
    own = (explanations * one_hot[..., None]).sum(1, keepdim=True)
    length = lambda rows: rows.norm(dim=-1).clamp_min(1e-12)
    return (explanations * own).sum(-1) / (length(explanations) * length(own))


def dealt(similarities: torch.Tensor, labels: list, draws: Stream) -> torch.Tensor:
    """The cosines of the wrong classes of each row, dealt out anew among them."""
    classes = similarities.shape[1]
    given = torch.zeros_like(similarities)
    for row, label in enumerate(labels):
        order = draws.shuffle(list(range(classes - 1)))
        wrong = [k for k in range(classes) if k != label]
        for k, place in zip(wrong, order):
            given[row, k] = similarities[row, wrong[place]]
    return given


def targets_from(similarities: torch.Tensor, one_hot: torch.Tensor, epsilon: float, tau: float) -> torch.Tensor:
    """1 - epsilon on the label, epsilon * softmax(similarity / tau) over the wrong classes."""
    wrong = (similarities / tau).exp() * (1 - one_hot)
    return one_hot * (1 - epsilon) + wrong / wrong.sum(1, keepdim=True) * epsilon


def introspective(
    logits: torch.Tensor, targets: torch.Tensor, one_hot: torch.Tensor, weight: float, temperature: float
) -> torch.Tensor:
    """(1 - lambda) CE + lambda T^2 KL, [B], 0 without a label."""
    ce = -(one_hot * F.log_softmax(logits, 1)).sum(1)
    wanted = F.log_softmax(targets.clamp_min(1e-12).log() / temperature, 1)
    kl = divergence(wanted, F.log_softmax(logits / temperature, 1)) * temperature**2
    return ce * (1 - weight) + kl * one_hot.sum(1) * weight


def has_class_map(trace: Trace) -> bool:
    """Whether a network ends in a feature map, its average and a dense layer."""
    _, channels, height, width = trace["stages"][-1].shape
    return height * width > 1 and channels == trace["embedding"].shape[1]


class Loss(Hint):
    compares = True

    def build(self, student: Trace, teacher: Trace) -> None:
        """Decides on an explanation where the network does."""
        self.explanation = self.knobs["explanation"]
        if self.explanation == "auto":
            self.explanation = "map" if has_class_map(student) else "gradient"

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k, one_hot = self.knobs, batch.targets
        with torch.no_grad():
            similarities = self.similarities(student, batch)
            targets = targets_from(similarities, one_hot, k["epsilon"], k["tau"])
        weight = k["lambda"] if batch.progress >= k["from"] / 100 else 0
        losses = introspective(student["logits"], targets, one_hot, weight, k["temperature"])
        return over_labelled(losses, one_hot)

    def similarities(self, student: Trace, batch: Batch) -> torch.Tensor:
        if self.knobs["similarity"] == "uniform":
            return torch.zeros_like(batch.targets)
        found = cosines(self.explanations(student, batch), batch.targets)
        if self.knobs["similarity"] != "shuffled":
            return found
        labels = [self.facts.labels[row] for row in batch.rows.tolist()]
        return dealt(found, labels, batch.draws(self.key))

    def explanations(self, student: Trace, batch: Batch) -> torch.Tensor:
        if self.explanation == "map":
            # Of networks that end in a sum, the batch norm behind it is rectified.
            maps = F.relu(student["pre_activations"][-1])
            return class_maps(maps, batch.student.output_weight().detach())
        return input_gradients(batch.student.answer, batch.inputs, self.explanation == "gradient-input")
