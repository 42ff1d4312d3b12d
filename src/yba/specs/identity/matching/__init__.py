"""How descriptions are compared and weighed, as data: sets of comparisons, blocks and guards, releases of weights, steps of normalising."""

from .comparisons import Block, Comparison, Guard, Level, MatchingSet, matching_set, read_set
from .normalising import Normalising, normalising
from .releases import Release, read_release, release, releases, write_release

__all__ = [
    "Block",
    "Comparison",
    "Guard",
    "Level",
    "MatchingSet",
    "Normalising",
    "Release",
    "matching_set",
    "normalising",
    "read_release",
    "read_set",
    "release",
    "releases",
    "write_release",
]
