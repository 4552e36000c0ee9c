"""A teacher that was trained before: one network, or the average of several."""

from .base import Teacher

__all__ = ["Teacher"]
