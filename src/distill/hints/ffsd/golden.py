"""Checks the golden cases, which came from the code of the authors, against `torch.py`: --check."""

import torch.nn.functional as F

from hints.ffsd import attention_losses, diversity_losses, elsewhere, mutual_losses


def cross_entropy(logits, labels):
    return F.cross_entropy(logits, labels.long(), reduction="none")


def totals(inputs, params):
    """What the second common student learns."""
    logits, other = inputs["logits1"], inputs["logits0"].detach()
    apart = diversity_losses(inputs["feature1"], elsewhere(inputs["feature0"].detach())[0])
    mutual = mutual_losses(logits, [other], params["temperature"])
    return cross_entropy(logits, inputs["labels"]) + mutual + params["lambdaDiversity"] * apart


UNITS = {
    "attentionLoss": lambda inputs, params: attention_losses(inputs["student"], inputs["target"]),
    "diversity": lambda inputs, params: diversity_losses(inputs["student"], elsewhere(inputs["other"])[0]),
    "totals": totals,
}
