"""Draws, for every instance of a batch, the instances that it is contrasted with."""

from __future__ import annotations

import torch

from streams import Stream


class Negatives:
    """Rows of other classes for any row of a pool. One without a label (-1) is contrasted with all others."""

    def __init__(self, labels: list[int], count: int, relaxed: bool) -> None:
        """`count`: of each; `relaxed`: what belongs with a row is a random one of its class, not the row itself."""
        self.labels, self.relaxed = labels, relaxed
        self.count = max(1, min(count, len(labels) - 1))
        rows = range(len(labels))
        self.alike = {label: [row for row in rows if labels[row] == label] for label in set(labels)}
        self.others = {
            label: list(rows) if label < 0 else [row for row in rows if labels[row] != label] for label in set(labels)
        }

    def draw(self, rows: list[int], stream: Stream) -> torch.Tensor:
        """[B, 1 + count] rows of the pool: what belongs with each, then its negatives."""
        return torch.tensor([self._of(row, stream) for row in rows])

    def _of(self, row: int, stream: Stream) -> list[int]:
        label = self.labels[row]
        alike = self.alike[label]
        own = alike[stream.below(len(alike))] if self.relaxed and label >= 0 else row
        candidates = self.others[label]
        if not candidates:
            return [own] + [row] * self.count
        if self.count < len(candidates):
            return [own] + self._distinct(candidates, row, stream)
        return [own] + [self._other(candidates, row, stream) for _ in range(self.count)]

    def _distinct(self, candidates: list[int], row: int, stream: Stream) -> list[int]:
        """Without repetition: a shuffle that stops early and is undone, so that the same stream draws the same."""
        picks: list[int] = []
        swaps, at = [], 0
        while len(picks) < self.count:
            to = at + stream.below(len(candidates) - at)
            candidates[at], candidates[to] = candidates[to], candidates[at]
            swaps.append((at, to))
            if candidates[at] != row:
                picks.append(candidates[at])
            at += 1
        for a, b in reversed(swaps):
            candidates[a], candidates[b] = candidates[b], candidates[a]
        return picks

    def _other(self, candidates: list[int], row: int, stream: Stream) -> int:
        pick = stream.below(len(candidates))
        return candidates[(pick + 1) % len(candidates)] if candidates[pick] == row else candidates[pick]
