"""Seeded randomness: every number of the synthetic province follows from the seed and the name of the thing it is drawn for."""

from __future__ import annotations

from bisect import bisect
from hashlib import blake2b
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


def derive(seed: int, *parts: object) -> int:
    """Give the seed of one thing ("person", 17) below the seed of all: 64 bits, the same in every process."""
    text = "\x1f".join(map(str, (seed, *parts)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


class Dice(Random):
    """A `random.Random` with the few draws used here; cheap, because thousands are made for one claim file."""

    def pick(self, some: Sequence[T]) -> T:
        """Draw one of `some`, all equally likely."""
        return some[int(self.random() * len(some))]

    def below(self, limit: int) -> int:
        """Draw an integer in [0, limit)."""
        return int(self.random() * limit)

    def between(self, low: int, high: int) -> int:
        """Draw an integer in [low, high]."""
        return low + int(self.random() * (high - low + 1))

    def chance(self, share: float) -> bool:
        """Say yes with the probability `share`."""
        return self.random() < share

    def digits(self, count: int) -> str:
        """Draw `count` decimal digits."""
        return f"{int(self.random() * 10**count):0{count}d}"


class Wheel:
    """A weighted draw prepared once: `Wheel([("a", 3), ("b", 1)]).spin(dice)`."""

    __slots__ = ("_limits", "_things", "total")

    def __init__(self, weighted: Sequence[tuple[object, float]]) -> None:
        self._things = [thing for thing, weight in weighted if weight > 0]
        self._limits = list(accumulate(weight for _, weight in weighted if weight > 0))
        self.total = self._limits[-1] if self._limits else 0.0

    def spin(self, dice: Dice) -> object:
        """Draw one thing."""
        return self._things[bisect(self._limits, dice.random() * self.total)]
