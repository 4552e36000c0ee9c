"""Mixed precision and compilation, for the passes of networks. Weights, losses and gradients of weights stay in 32 bits."""

from __future__ import annotations

from typing import Callable

import torch

from networks.base import Network, Trace, over_trace

FORMATS = {"f32": None, "bf16": torch.bfloat16, "f16": torch.float16}


def use_precision(name: str, modules: list, device: torch.device) -> None:
    """Has the networks among modules computed in a format of `FORMATS`; ends the program where the device has none."""
    if name == "f16" and device.type != "cuda":
        raise SystemExit("--precision f16 needs a GPU by CUDA; bf16 works on the processor, too.")
    if name == "bf16" and device.type not in ("cpu", "cuda"):
        raise SystemExit(f"--precision bf16 is for the processor and CUDA, not for {device.type}.")
    numbers = FORMATS[name]
    if numbers is not None:
        for network in networks_in(modules):
            network.forward = in_format(network.forward, numbers)


def in_format(forward: Callable[[torch.Tensor], Trace], numbers: torch.dtype) -> Callable[[torch.Tensor], Trace]:
    """A forward pass in a format, whose trace is in 32 bits."""

    def run(inputs: torch.Tensor) -> Trace:
        with torch.autocast(inputs.device.type, numbers):
            trace = forward(inputs)
        return over_trace(trace, torch.Tensor.float)

    return run


def compile_networks(modules: list) -> None:
    """Compiles the forward passes; ends the program where PyTorch is too old."""
    if not hasattr(torch, "compile"):
        raise SystemExit(f"--compile needs PyTorch 2.0 or newer; this is {torch.__version__}.")
    for network in networks_in(modules):
        network.forward = torch.compile(network.forward)


def networks_in(modules: list) -> list:
    return [part for module in modules for part in module.modules() if isinstance(part, Network)]
