"""MGD: self-analysing heads on a network's embedding, which decide anew through a narrow and a wide code."""

from __future__ import annotations

import torch
from torch import nn
import torch.nn.functional as F

from .base import Network, Trace


class TwoLayers(nn.Module):
    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.dense1 = nn.Linear(inputs, hidden)
        self.dense2 = nn.Linear(hidden, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dense2(F.relu(self.dense1(x)))


class Heads(nn.Module):
    def __init__(self, features: int, abstract: int, detailed: int, outputs: int, mean: bool) -> None:
        super().__init__()
        self.mean = mean
        self.abstractEncoder = TwoLayers(features, features, abstract)
        self.detailedEncoder = TwoLayers(features, features, detailed)
        self.abstractDecoder = TwoLayers(abstract, features, outputs)
        self.detailedDecoder = TwoLayers(detailed, features, outputs)

    def forward(self, trace: Trace) -> Trace:
        """The trace with the codes, and with what is read back from them."""
        abstract = self.abstractEncoder(trace["embedding"])
        detailed = self.detailedEncoder(trace["embedding"])
        answers = [trace["logits"], self.abstractDecoder(abstract), self.detailedDecoder(detailed)]
        more = {"abstractCode": abstract, "detailedCode": detailed}
        logits = sum(answers) / 3 if self.mean else trace["logits"]
        return {**trace, "logits": logits, "maps": [], "more": more}


def with_heads(network: Network, features: int, abstract: int, detailed: int, outputs: int, mean: bool) -> Network:
    """The same network, whose trace also passes `heads`.

    features: width of its embedding; abstract, detailed: of the codes
    mean: whether its logits are the mean of its own and those read back from both codes ("stable excitation")
    """
    network.add_module("heads", Heads(features, abstract, detailed, outputs, mean))
    network.register_forward_hook(lambda module, inputs, trace: module.heads(trace))
    return network
