"""A module's forward pass with other values of its parameters, on old and new versions of PyTorch."""

try:
    from torch.func import functional_call
except ImportError:
    from torch.nn.utils.stateless import functional_call  # type: ignore[assignment]

__all__ = ["functional_call"]
