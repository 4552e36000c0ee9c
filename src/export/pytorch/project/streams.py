"""The page's random streams.

Every random choice draws from a stream that is named under the recipe's seed. So batches, moves and draws here are those
of the page, and turning one thing on does not move another.
"""

from __future__ import annotations

import math

WORD = 0xFFFFFFFF


class Stream:
    """The stream called `name` under `seed` (xoroshiro128+, as the library pure-rand has it)."""

    def __init__(self, seed: int, name: str) -> None:
        start = hashed(f"{seed}/{name}")
        self.s01, self.s00, self.s11, self.s10 = WORD, ~start & WORD, start, 0

    def state_dict(self) -> dict:
        return {"words": [self.s01, self.s00, self.s11, self.s10]}

    def load_state_dict(self, state: dict) -> None:
        self.s01, self.s00, self.s11, self.s10 = state["words"]

    def _word(self) -> int:
        s01, s00, s11, s10 = self.s01, self.s00, self.s11, self.s10
        a0, a1 = s10 ^ s00, s11 ^ s01
        self.s00 = (s00 << 24 ^ s01 >> 8 ^ a0 ^ a0 << 16) & WORD
        self.s01 = (s01 << 24 ^ s00 >> 8 ^ a1 ^ (a1 << 16 | a0 >> 16)) & WORD
        self.s10 = (a1 << 5 ^ a0 >> 27) & WORD
        self.s11 = (a0 << 5 ^ a1 >> 27) & WORD
        return (s00 + s10) & WORD

    def uniform(self) -> float:
        """In [0, 1)."""
        return (self._word() & 0x3FFFFFF) * 2**-26 + (self._word() & 0x7FFFFFF) * 2**-53

    def below(self, bound: int) -> int:
        """A whole number in [0, bound)."""
        allowed = 2**32 // bound * bound if bound > 2 else 2**32
        while True:
            # The library counts from the lowest signed word.
            word = self._word() ^ 0x80000000
            if word < allowed:
                return word % bound

    def normal(self) -> float:
        return math.sqrt(-2 * math.log(1 - self.uniform())) * math.cos(2 * math.pi * self.uniform())

    def shuffle(self, values: list) -> list:
        """Shuffles a list in place and returns it."""
        for i in range(len(values) - 1, 0, -1):
            j = self.below(i + 1)
            values[i], values[j] = values[j], values[i]
        return values


def hashed(text: str) -> int:
    """FNV-1a over UTF-16 code units, as an unsigned word."""
    value = 0x811C9DC5
    units = text.encode("utf-16-le")
    for low, high in zip(units[::2], units[1::2]):
        value = (value ^ (low | high << 8)) * 0x01000193 & WORD
    return value
