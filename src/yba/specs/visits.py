"""Which Encounters tell of one visit, and which of them is the primary one (`specs/visits.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from yba.kit.errors import Internal

from . import systems

PATH: Final = Path(__file__).with_name("visits.toml")


@dataclass(frozen=True, slots=True)
class Channel:
    """How an Encounter came into the record."""

    id: str
    vi: str
    en: str
    mapped_by: frozenset[str]  # values of that column; empty = all that no other channel names
    rank: int  # 0 = primary before all others


@dataclass(frozen=True, slots=True)
class Group:
    """Classes of visits that are treated alike."""

    id: str
    tolerance: timedelta  # between two tellings of this group
    open: timedelta  # how long one without an end is taken to last


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole file; ``channels`` in the order of rank."""

    channels: tuple[Channel, ...]
    groups: dict[str, Group]  # by class
    other: Group
    no_visit: frozenset[str]
    numbers: frozenset[str]  # systems

    def channel(self, mapped_by: str) -> Channel:
        """The channel of a row of the record."""
        return next((one for one in self.channels if mapped_by in one.mapped_by), self._rest)

    @property
    def _rest(self) -> Channel:
        return next(one for one in self.channels if not one.mapped_by)

    @property
    def written(self) -> tuple[str, ...]:
        """The values of mapped_by that are not the rest's: of what was written as resources, not made from claims."""
        return tuple(sorted(value for one in self.channels for value in one.mapped_by))


@cache
def rules() -> Rules:
    """Give the rules; a file that cannot be meant stops the program. Raises Internal."""
    data = tomllib.loads(PATH.read_text("utf-8"))
    channels = tuple(Channel(one["id"], one["vi"], one["en"], frozenset(one["mapped_by"]), rank) for rank, one in enumerate(data["channel"]))
    named = [value for one in channels for value in one.mapped_by]
    if len(named) != len(set(named)) or sum(not one.mapped_by for one in channels) != 1:
        raise Internal("visits.toml: each value of mapped_by belongs to one channel, and one channel has the rest.")
    groups: dict[str, Group] = {}
    for one in data["group"]:
        made = _group(one["id"], one)
        if taken := groups.keys() & set(one["classes"]):
            raise Internal(f"visits.toml: {', '.join(sorted(taken))} in two groups.")
        groups |= dict.fromkeys(one["classes"], made)
    numbers = frozenset(systems.identifier(name) for name in data["numbers"])
    return Rules(channels, groups, _group("other", data["other"]), frozenset(data["no_visit"]), numbers)


def _group(id_: str, told: dict[str, Any]) -> Group:
    return Group(id_, timedelta(hours=told["tolerance_hours"]), timedelta(hours=told["open_hours"]))
