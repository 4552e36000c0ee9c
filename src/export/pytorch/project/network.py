"""A network as the page wrote it down: a list of steps over maps [B,C,H,W] and rows [B,D], with PyTorch's layers.

Parameters have the names of the usual implementations (conv1.weight, layer1.0.bn1.running_mean, fc.bias, ...), so that
`state_dict()` fits the safetensors files in `weights/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional, Union

import torch
from torch import nn
import torch.nn.functional as F


class Network(nn.Module):
    """Calling it with images, or rows of a table, gives a dict, its trace.

    Of logits, embedding, stem, stages, pre_activations (those before their ReLU), and what some networks show more.
    """

    def __init__(self, description: dict) -> None:
        super().__init__()
        # Of numbers in a pass (`speed.py`); None for 32 bits.
        self.precision: Optional[torch.dtype] = None
        self.steps = description["nodes"]
        self.trace = description["trace"]
        channels = {"images": description["input"][-1]}
        for step in self.steps:
            source = channels[step["inputs"][0]]
            channels[step["name"]] = step["shape"][-1]
            layer = make_layer(step, source)
            if layer is not None:
                self._place(step["layer"], layer)
        self.bind()

    def bind(self) -> None:
        """Finds the layer of each step; again after modules were replaced."""
        layers = dict(self.named_modules())
        # Not registered a second time: the tree of modules owns them.
        self._layers = [layers.get(step.get("layer")) for step in self.steps]

    def _place(self, path: str, layer: nn.Module) -> None:
        """Puts a layer at a dotted path, making the modules in between."""
        *parents, last = path.split(".")
        module: nn.Module = self
        for name in parents:
            if name not in dict(module.named_children()):
                module.add_module(name, nn.Module())
            module = module.get_submodule(name)
        module.add_module(last, layer)

    def forward(self, images: torch.Tensor) -> dict:
        if self.precision is None:
            return self._named(self._values(images))
        with torch.autocast(images.device.type, self.precision):
            values = self._values(images)
        return self._named(values)

    def _values(self, images: torch.Tensor) -> dict:
        """Of each step, by name."""
        values = {"images": images}
        for step, layer in zip(self.steps, self._layers):
            inputs = [values[name] for name in step["inputs"]]
            values[step["name"]] = layer(inputs[0]) if layer is not None else run_step(step, inputs)
        return values

    def _named(self, values: dict) -> dict:
        """The trace, in 32 bits."""
        named, value = self.trace, lambda name: values[name].float()
        return {
            "logits": value(named["logits"]),
            "embedding": value(named["embedding"]),
            "stem": value(named["stem"]),
            "stages": [value(name) for name in named["stages"]],
            "pre_activations": [value(name) for name in named["preActivations"]],
            "more": {key: value(name) for key, name in named.get("more", {}).items()},
        }

    def glance(self, images: torch.Tensor) -> dict:
        """The same in the present mode, without moving running statistics."""
        with still(self):
            return self(images)

    def answer(self, images: torch.Tensor) -> torch.Tensor:
        """The logits with running statistics; each instance counts by itself."""
        training = self.training
        try:
            return self.eval()(images)["logits"]
        finally:
            self.train(training)

    def output_weight(self) -> torch.Tensor:
        """[C,D] of the layer that gives the outputs: of the last dense one."""
        return [parameter for parameter in self.parameters() if parameter.dim() == 2][-1]

    def logits_from(self, stage: int, maps: torch.Tensor) -> torch.Tensor:
        """Logits of the layers behind a stage (from 0), fed with a map in place of its output; statistics stay."""
        values = {self.trace["stages"][stage]: maps}
        with still(self):
            for step, layer in zip(self.steps, self._layers):
                if step["name"] not in values and all(name in values for name in step["inputs"]):
                    inputs = [values[name] for name in step["inputs"]]
                    values[step["name"]] = layer(inputs[0]) if layer is not None else run_step(step, inputs)
        return values[self.trace["logits"]]


@contextmanager
def still(module: nn.Module) -> Iterator[None]:
    """Running statistics do not move."""
    norms = [part for part in module.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta):
            norm.momentum = momentum


def in_full(description: dict) -> Network:
    """A network in full precision."""
    plain = lambda step: {**step, "kind": "relu"} if step["kind"] == "roundedRelu" else step
    nodes = [{key: value for key, value in plain(step).items() if key != "rounding"} for step in description["nodes"]]
    return Network({**description, "nodes": nodes})


def make_layer(step: dict, source: int) -> Optional[nn.Module]:
    """The layer of a step that has weights, else None. `source`: channels that come in."""
    layer = make_plain_layer(step, source)
    if isinstance(layer, (Conv, Linear)):
        layer.rounding = step.get("rounding")
    return layer


def make_plain_layer(step: dict, source: int) -> Optional[nn.Module]:
    kind = step["kind"]
    if kind == "conv":
        return Conv(
            source,
            step["shape"][-1],
            step["size"],
            stride=step["stride"],
            padding=step["padding"],
            groups=step["groups"],
            bias=step["bias"],
        )
    if kind == "batchNorm":
        return nn.BatchNorm2d(source) if len(step["shape"]) == 3 else nn.BatchNorm1d(source)
    if kind == "dense":
        return Linear(source, step["shape"][-1], bias=step["bias"])
    if kind == "dropout":
        return nn.Dropout(step["rate"])
    if kind == "blend":
        return Blend(step["matrix"])
    return None


class Round(torch.autograd.Function):
    """Rounds, ties to even; the gradient passes as it is (straight-through)."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x.round()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        return gradient


def on_grid(x: torch.Tensor, steps: int) -> torch.Tensor:
    """Multiples of 1/steps."""
    return Round.apply(x * steps) / steps


def rounded_weights(kernel: torch.Tensor, rule: str, bits: int) -> torch.Tensor:
    """A kernel as a layer in low precision uses it."""
    if rule == "dorefa":
        t = kernel.tanh()
        return 2 * on_grid(t / (2 * t.abs().max()) + 0.5, 2**bits - 1) - 1
    steps = 2 ** (bits - 1) - 1
    if rule == "wrpn":
        return on_grid(kernel.clamp(-1, 1), steps)
    scale = kernel.detach().abs().max().clamp_min(1e-12)
    return on_grid(kernel / scale, steps) * scale


class Conv(nn.Conv2d):
    """A convolution whose kernel may be in low precision; what is trained stays in full precision."""

    rounding: Optional[dict] = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self._conv_forward(x, used_weights(self), self.bias)


class Linear(nn.Linear):
    """The same for a dense layer."""

    rounding: Optional[dict] = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, used_weights(self), self.bias)


def used_weights(layer: Union[Conv, Linear]) -> torch.Tensor:
    return layer.weight if layer.rounding is None else rounded_weights(layer.weight, **layer.rounding)


class Blend(nn.Module):
    """A fixed linear layer; its matrix is part of the network and not of its weights."""

    matrix: torch.Tensor

    def __init__(self, matrix: list) -> None:
        """`matrix`: a row for each output."""
        super().__init__()
        self.register_buffer("matrix", torch.tensor(matrix), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, self.matrix)


def run_step(step: dict, inputs: list[torch.Tensor]) -> torch.Tensor:
    """The value of a step without weights."""
    x = inputs[0]
    kind = step["kind"]
    if kind == "relu":
        return F.relu(x)
    if kind == "roundedRelu":
        steps = 2 ** step["bits"] - 1
        return on_grid(x.clamp(0, 1), steps)
    if kind == "clippedRelu":
        return x.clamp(0, step["limit"])
    if kind == "elu":
        return F.elu(x)
    if kind == "softmax":
        return F.softmax(x, 1)
    if kind == "add":
        return x + inputs[1]
    if kind == "maxPool":
        return F.max_pool2d(x, step["size"], step["stride"], step.get("padding", 0))
    if kind == "averagePool":
        return F.avg_pool2d(x, step["size"], step["stride"], step["padding"], count_include_pad=True)
    if kind == "globalAveragePool":
        return x.mean((2, 3))
    if kind == "concat":
        return torch.cat(inputs, 1)
    if kind == "slice":
        return x[:, step["start"] : step["start"] + step["shape"][-1]]
    if kind == "shuffle":
        batch, channels, *sides = x.shape
        grouped = x.reshape(batch, step["groups"], channels // step["groups"], *sides)
        return grouped.transpose(1, 2).reshape(batch, channels, *sides)
    if kind == "reshape":
        if len(step["shape"]) == 3:
            return x.reshape(len(x), -1, 1, 1)
        # The page reads pixels row by row with the channels last.
        return (x.permute(0, 2, 3, 1) if x.dim() == 4 else x).reshape(len(x), -1)
    raise ValueError(f"unknown step: {kind}")
