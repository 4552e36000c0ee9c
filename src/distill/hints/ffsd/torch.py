"""FFSD: Li et al. 2022."""

from __future__ import annotations

import math

import torch
from torch import nn
import torch.nn.functional as F

from networks.base import Trace
from optimisers.slots import give_slots, slots_of

from .at import attention
from .base import Batch, Hint, added, mean_square
from .kd import soft_targets
from .vectors import unit_rows

# Adam's default, which the published code takes; it follows the schedule's curve.
CONVERTER_RATE = 1e-3


def attention_losses(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """How far apart two maps look, [B]."""
    return mean_square(attention(a, 2), attention(b, 2))


def warm_up(progress: float, warmup: float) -> float:
    """Share of a weight at `progress` (0..1) of the run; `warmup` in % of it."""
    share = min(progress * 100 / warmup, 1) if warmup > 0 else 1
    return math.exp(-5 * (1 - share) ** 2)


def mutual_losses(own: torch.Tensor, others: list, temperature: float) -> torch.Tensor:
    """T^2/(n-1) times the sum over the others of KL(other || own), [B]."""
    return added(soft_targets(own, other, temperature) for other in others) / len(others)


def elsewhere(other: torch.Tensor) -> tuple:
    """Where to look in place of another student ([B,P]), and its map moved there."""
    energy = other.square().mean(1).flatten(1)
    n = energy.square().sum(1, keepdim=True).clamp_min(1e-24).sqrt()
    q = energy / n
    weakest = q.shape[1] // 3
    threshold = q.sort(1).values[:, weakest - 1 : weakest]
    target = (n / 2 - q) * (q - threshold).sign() + n / 2
    move = ((target - q) * n / other.shape[1]).reshape(len(other), 1, *other.shape[2:])
    return target, other + move


def diversity_losses(maps: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return mean_square(attention(maps, 2), target)


def self_losses(stages: list, made: list) -> torch.Tensor:
    """How far earlier stages look elsewhere than the maps that a converter made, the latest first."""
    return added(attention_losses(stage, each) for stage, each in zip(stages[-2::-1], made))


class Mixer(nn.Module):
    """Depthwise 3x3, BN, ReLU, 1x1 to so many channels, BN."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.pointwise = nn.Conv2d(channels, filters, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return mix(self, maps)


def mix(layers: nn.Module, maps: torch.Tensor) -> torch.Tensor:
    """Through the layers of a `Mixer`, which may lie in another module."""
    depthwise, bn1, pointwise, bn2 = (getattr(layers, name) for name in ("depthwise", "bn1", "pointwise", "bn2"))
    return bn2(pointwise(F.relu(bn1(depthwise(maps)))))


class Upwards(nn.Module):
    """Twice as high and wide: transposed convolution, BN, ReLU."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(channels, filters, 3, 2, 1, output_padding=1, bias=False)
        self.bn = nn.BatchNorm2d(filters)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return F.relu(self.bn(self.conv(maps)))


class Converter(nn.Module):
    """Makes earlier maps of a network out of its last one, with a training of its own.

    `widths`: channels of all stages
    """

    def __init__(self, widths: list) -> None:
        super().__init__()
        channels = widths[-1]
        for i, filters in enumerate(widths[-2::-1]):
            self.add_module(f"layer{i}", Upwards(channels, filters))
            channels = filters
        for parameter in self.parameters():
            parameter.requires_grad_(False)
        self.optimiser = torch.optim.Adam(self.parameters(), weight_decay=1e-4)

    def make(self, last: torch.Tensor, training: bool) -> list:
        """The earlier maps, the latest one first."""
        self.train(training)
        made: list[torch.Tensor] = []
        for layer in self.children():
            made.append(layer(made[-1] if made else last))
        return made

    def get_extra_state(self) -> dict:
        """Of the optimiser, in `state_dict`."""
        return slots_of(self.optimiser, dict(self.named_parameters()))

    def set_extra_state(self, state: dict) -> None:
        give_slots(self.optimiser, dict(self.named_parameters()), state)

    def learn(self, stages: list, weight: float, rate: float) -> None:
        """One step on the maps of its network, which are constants."""
        stages = [stage.detach() for stage in stages]
        parameters = list(self.parameters())
        for parameter in parameters:
            parameter.requires_grad_()
        with torch.enable_grad():
            made = self.make(stages[-1], True)
            rows = lambda maps: unit_rows(maps.flatten(1))
            same = added(mean_square(rows(each), rows(stage)) for each, stage in zip(made, stages[-2::-1]))
            loss = (same + self_losses(stages, made)).mean() * weight
            gradients = torch.autograd.grad(loss, parameters)
        for parameter, gradient in zip(parameters, gradients):
            parameter.requires_grad_(False)
            parameter.grad = gradient
        self.optimiser.param_groups[0]["lr"] = CONVERTER_RATE * rate
        self.optimiser.step()


class Loss(Hint):
    alone = "The converters of FFSD learn by themselves, which processes do not share."

    def build(self, student: Trace, teacher: Trace) -> None:
        widths = [maps.shape[1] for maps in student["stages"]]
        for name, layer in Mixer(widths[-1], widths[-1] * int(self.facts.teacher_knobs["students"])).named_children():
            self.add_module(name, layer)
        self.converter = Converter(widths)

    def losses(self, student: Trace, teacher: Trace, batch: Batch) -> torch.Tensor:
        k = self.knobs
        last, fused = student["stages"][-1], teacher["stages"][-1]
        translated = F.relu(mix(self, last))
        maps = attention_losses(last, fused) + attention_losses(translated, teacher["more"]["concat"])
        maps = maps + self_losses(student["stages"], self.converter.make(fused, False))
        share = warm_up(batch.progress, k["warmup"]) * k["lambdaFusion"]
        return soft_targets(student["logits"], teacher["logits"], k["temperature"]) + maps * share

    def after_step(self, student: Trace, teacher: Trace, batch: Batch) -> None:
        weight = warm_up(batch.progress, self.knobs["warmup"]) * self.knobs["lambdaSelf"]
        self.converter.learn(student["stages"], weight, batch.rate)
