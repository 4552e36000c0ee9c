"""How far answers are from each other."""

from __future__ import annotations

import torch


def divergence(log_p: torch.Tensor, log_q: torch.Tensor) -> torch.Tensor:
    """KL(p || q) over the last axis, [...]. `log_p`, `log_q`: logarithms [...,C] of shares that add up to the same.

    With r = log p - log q its terms are p (r + exp(-r) - 1). Those of p r have the same sum, but cancel where p and q are
    nearly equal, as at high temperatures.
    """
    p, r = log_p.exp(), log_p - log_q
    near = r.clamp(-1, 1)
    return torch.where(r.abs() < 1, p * (near + torch.expm1(-near)), p * r + (log_q.exp() - p)).sum(-1)
