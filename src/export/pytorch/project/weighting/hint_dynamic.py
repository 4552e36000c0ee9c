"""HKD: a small network sets the weight of each loss for each instance, and learns from whether the student's step helps.

A reconstruction from Liu et al. 2023. The hypergradient, how the meta loss after the student's next step depends on each
weight, is exact by default (a gradient through the gradient); with `--hypergradient differences` it is a central difference
along the meta gradient, as on the page.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
import torch.nn.functional as F

from batches import Order
from learner import path
from networks.base import Trace, still
from optimisers.slots import give_slots, slots_of
from streams import Stream
import weights

from .balance import Balance
from .functional import functional_call

if TYPE_CHECKING:
    from hints import Batch
    from run import Run, Step
    from training import Seen, Training


class MetaNetwork(nn.Module):
    """From the state of an instance [B,5+2H] to weights in (0, 2 * base)."""

    def __init__(self, hints: int, hidden: int) -> None:
        super().__init__()
        self.meta1 = nn.Linear(5 + 2 * hints, hidden)
        self.meta2 = nn.Linear(hidden, hints)

    def forward(self, features: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
        return 2 * torch.sigmoid(self.meta2(F.relu(self.meta1(features)))) * base


class History(nn.Module):
    """Per instance: running mean of its weights, its log losses at the last visit, and visits."""

    mean: torch.Tensor
    losses: torch.Tensor
    count: torch.Tensor

    def __init__(self, rows: int, hints: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(rows, hints))
        self.register_buffer("losses", torch.zeros(rows, hints))
        self.register_buffer("count", torch.zeros(rows, 1))

    def blend(
        self, rows: torch.Tensor, weights_now: torch.Tensor, losses: torch.Tensor, momentum: float, mix: float
    ) -> torch.Tensor:
        """Weights leaning on their history: mix * mean + (1 - mix) * w; remembers the visit."""
        count = self.count[rows] + 1
        mean = self.mean[rows] * momentum + weights_now * (1 - momentum)
        self.mean[rows], self.losses[rows], self.count[rows] = mean, losses, count
        return mix * mean / (1 - momentum**count).clamp_min(1e-12) + (1 - mix) * weights_now


class Weighting:
    looks_ahead = True

    def __init__(self, run: Run) -> None:
        self.run, self.device = run, run.device
        self.knobs = run.recipe["weighting"]["knobs"]
        self.balance = Balance(run.learner.hints, run.device) if self.knobs["autoBalance"] else None
        hints = run.learner.hints
        self.negative = torch.tensor([float(hint.may_be_negative) for hint in hints.values()], device=run.device)
        self.network = MetaNetwork(len(hints), int(self.knobs["metaHidden"]))
        weights.load_into(self.network, path("weights", "weighting-start.safetensors"))
        self.network.to(run.device)
        self.optimiser = torch.optim.Adam(self.network.parameters(), weight_decay=self.knobs["metaWeightDecay"])
        self.history = History(len(run.batches.pool), len(hints)).to(run.device)
        self.meta = NextBatch(run) if self.knobs["metaSet"] == "next-batch" else DrawnBatches(run)

    def state_dict(self) -> dict:
        slots = slots_of(self.optimiser, dict(self.network.named_parameters()))
        return {"slots": slots, **{name: part.state_dict() for name, part in self._parts().items()}}

    def load_state_dict(self, state: dict) -> None:
        give_slots(self.optimiser, dict(self.network.named_parameters()), state["slots"])
        for name, part in self._parts().items():
            part.load_state_dict(state[name])

    def _parts(self) -> dict:
        parts = {"network": self.network, "history": self.history, "meta": self.meta}
        return {**parts, "balance": self.balance} if self.balance else parts

    def balanced(self, losses: torch.Tensor) -> torch.Tensor:
        """[B,H] as they count."""
        return self.balance(losses) if self.balance else losses

    def observe(self, losses: torch.Tensor) -> None:
        """After a step: takes its losses [B,H] into the means."""
        if self.balance:
            self.balance.observe(losses)

    def learns(self, step: int, progress: float) -> bool:
        """Whether it learns in this step, counted from 0."""
        return 100 * progress >= self.knobs["metaWarmup"] and step % self.knobs["metaInterval"] == 0

    def weigh(self, seen: Seen, base: torch.Tensor) -> torch.Tensor:
        """[B,H] from the weights [1,H] of the recipe; the visit is remembered."""
        with torch.no_grad():
            features = self.features(seen)
            fresh = self.network(features, base)
            losses = features[:, 5 : 5 + base.shape[1]]
            used = self.history.blend(
                seen.rows, fresh, losses, self.knobs["ensembleMomentum"], self.knobs["ensembleMix"]
            )
            return used if base.any() else torch.zeros_like(used)

    def features(self, seen: Seen) -> torch.Tensor:
        """What the network sees of each instance; changes of losses are those since its last visit."""
        hints = seen.balanced.detach()
        logs = F.relu(hints).log1p() - self.negative * F.relu(-hints).log1p()
        change = (logs - self.history.losses[seen.rows]) * self.history.count[seen.rows].clamp_max(1)
        states = self.run.task.states(seen.student, seen.teacher, seen.targets)
        progress = torch.full_like(seen.task_losses, seen.progress)
        columns = torch.stack([seen.task_losses.log1p(), *states, progress], 1)
        return torch.cat([columns, logs, change], 1)

    def learn(
        self, training: Training, seen: Seen, step: Step, batch: Batch, trace: Trace, base: torch.Tensor, labels: torch.Tensor
    ) -> None:
        """The meta step; leaves the student as it was. `labels`: the labels' part of the objective, a scalar."""
        student = training.run.learner.student
        named = dict(student.named_parameters())
        theta = list(named.values())
        features = self.features(seen)
        fresh = self.network(features, base)
        fixed = fresh.detach()
        factor = training.factor
        objective = labels + factor * (fixed * seen.balanced).sum(1).mean()
        gradients = torch.autograd.grad(objective, theta, retain_graph=True, allow_unused=True)
        training.processes.average(gradients)
        ahead = virtual_step(training.descent, theta, gradients, training.rate_now, self.knobs)
        direction = self.meta_gradient(student, dict(zip(named, ahead)))
        slopes = self.slopes(training, named, direction, seen, step, batch, trace)
        self.optimiser.param_groups[0]["lr"] = self.knobs["metaLearningRate"]
        self.optimiser.zero_grad()
        # Adam sees the hypergradient without the small factor rate / B.
        (-slopes * fresh).sum().backward()
        self.optimiser.step()

    def meta_gradient(self, student: nn.Module, ahead: dict) -> tuple:
        """Gradient of the meta loss at parameters by name, None where it does not depend on one."""
        inputs, targets = self.meta.next()
        leaves = {name: value.detach().requires_grad_() for name, value in ahead.items()}
        with still(student):
            output = functional_call(student, leaves, (inputs,))["logits"]
        loss = self.run.task.losses(output, targets).sum() / len(targets)
        return torch.autograd.grad(loss, list(leaves.values()), allow_unused=True)

    def slopes(
        self,
        training: Training,
        named: dict,
        direction: tuple,
        seen: Seen,
        step: Step,
        batch: Batch,
        trace: Trace,
    ) -> torch.Tensor:
        """[B,H] how fast each loss of each instance grows along the meta gradient."""
        pairs = [(name, theta, v) for (name, theta), v in zip(named.items(), direction) if v is not None]
        length = torch.stack([v.square().sum() for _, _, v in pairs]).sum().sqrt()
        if not length > 1e-8:
            return torch.zeros_like(seen.balanced)
        if training.hypergradient == "exact":
            found = exact_slopes(pairs, seen.balanced)
        else:
            found = self.differences(training, pairs, length, step, batch, trace)
        return torch.where(found.isfinite(), found, torch.zeros_like(found)).detach()

    @torch.no_grad()
    def differences(
        self, training: Training, pairs: list, length: torch.Tensor, step: Step, batch: Batch, trace: Trace
    ) -> torch.Tensor:
        """By a central difference, whose probe has the length delta in the space of parameters."""
        eps = self.knobs["delta"] / (length + 1e-12)
        learner = training.run.learner
        quiet = dataclasses.replace(batch, records=False)
        found = []
        for sign in (1, -1):
            moved = {f"student.{name}": theta + sign * eps * v for name, theta, v in pairs}
            with still(learner):
                _, losses = functional_call(learner, moved, (step.inputs, trace, quiet))
            found.append(self.balanced(losses))
        return (found[0] - found[1]) / (2 * eps)


def exact_slopes(pairs: list, balanced: torch.Tensor) -> torch.Tensor:
    """By a gradient through the gradient: d/dw of the product of the meta gradient with that of sum w * loss."""
    ones = torch.ones_like(balanced, requires_grad=True)
    theta = [theta for _, theta, _ in pairs]
    gradients = torch.autograd.grad((ones * balanced).sum(), theta, create_graph=True, allow_unused=True)
    product = sum((g * v).sum() for g, (_, _, v) in zip(gradients, pairs) if g is not None)
    return torch.autograd.grad(product, ones, retain_graph=True)[0]


@torch.no_grad()
def virtual_step(descent: Any, theta: list, gradients: tuple, rate: float, knobs: dict) -> list:
    """The student's next step: SGD's own, or a plain gradient step for other optimisers."""
    if descent.schedule["optimiser"] != "sgd":
        return [p - knobs["virtualLearningRate"] * (0 if g is None else g) for p, g in zip(theta, gradients)]
    momentum, decay = descent.schedule["momentum"], descent.schedule["weightDecay"]
    ahead = []
    for p, g in zip(theta, gradients):
        decayed = (torch.zeros_like(p) if g is None else g) + decay * p
        velocity = descent.optimiser.state[p].get("momentum_buffer") if momentum else None
        moving = decayed if velocity is None else momentum * velocity + decayed
        ahead.append(p - rate * (decayed + momentum * moving if descent.schedule["nesterov"] else moving))
    return ahead


class DrawnBatches:
    """Clean instances that are held out, or without them the student's labelled ones, in an order of their own."""

    def __init__(self, run: Run) -> None:
        self.run = run
        held_out = run.train.rows("meta")
        self.targets = run.train.targets if held_out else run.train.given
        size = int(run.recipe["weighting"]["knobs"]["metaBatch"])
        self.order = Order(held_out or run.train.rows("labelled"), size, Stream(run.recipe["seed"], "order/meta"))

    def state_dict(self) -> dict:
        return self.order.state_dict()

    def load_state_dict(self, state: dict) -> None:
        self.order.load_state_dict(state)

    def next(self) -> tuple:
        rows = self.order.next()
        inputs, _ = self.run.views(self.run.train, rows)
        return inputs, self.run.task.encode(self.targets[rows]).to(self.run.device)


class NextBatch:
    """The labelled instances of the student's next batch, without those of the present one; the others count for more."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def state_dict(self) -> dict:
        """What is drawn ahead is part of the batches."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        pass

    def next(self) -> tuple:
        run, batches = self.run, self.run.batches
        drawn, size = batches.ahead(), batches.split[0]
        rows, now = drawn.rows[:size], set(batches.current)
        inputs, _ = run.views(run.train, rows, drawn.moves and drawn.moves[:size])
        targets = run.task.encode(run.train.given[rows]).to(run.device)
        counting = sum(row not in now for row in rows)
        if 0 < counting < size:
            factors = torch.tensor([0.0 if row in now else size / counting for row in rows], device=run.device)
            targets = run.task.weighed(targets, factors)
        return inputs, targets
