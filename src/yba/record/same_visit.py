"""Which Encounters of one person at one facility tell of the same visit: a function of what is there, in no order (specs/visits.toml)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from yba.specs import visits as specs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

    from yba.specs.visits import Channel, Group


class Told(NamedTuple):
    """One Encounter as far as linking asks; ``numbers`` are its identifiers of the systems that name visits."""

    id: str
    mapped_by: str
    start: datetime | None
    end: datetime | None
    kind: str  # Encounter.class
    status: str
    numbers: frozenset[str]
    labels: tuple[str, ...]

    @property
    def channel(self) -> Channel:
        """How it came."""
        return specs.rules().channel(self.mapped_by)

    @property
    def group(self) -> Group:
        """The group of its class."""
        rules = specs.rules()
        return rules.groups.get(self.kind, rules.other)


def told(row: Mapping[str, Any]) -> Told:
    """Read a row of the record: id, mapped_by, start_at, end_at, kind, status, identifiers (JSON), labels."""
    systems = specs.rules().numbers
    listed = row["identifiers"] if isinstance(row["identifiers"], list) else []
    numbers = frozenset(f"{one['system']}|{one['value']}" for one in listed if one.get("system") in systems and one.get("value"))
    return Told(
        row["id"], row["mapped_by"], row["start_at"], row["end_at"], row["kind"] or "", row["status"] or "", numbers, tuple(row["labels"] or ())
    )  # fmt: skip


def linked(encounters: Iterable[Told]) -> dict[str, Told]:
    """Say of each Encounter that is not the primary telling of its visit which one is: id -> primary.

    All are one person's at one facility. Only different channels are ever linked; an Encounter belongs to one visit at most, to a primary one
    may belong several (a claim holds all examination rooms of a day).
    """
    rules = specs.rules()
    found: dict[str, Told] = {}
    earlier: list[Told] = []
    listed = [one for one in encounters if one.status not in rules.no_visit]
    for channel in rules.channels:
        mine = [one for one in listed if one.channel is channel]
        for one in mine:
            near = min(((_distance(one, other), other.id, other) for other in earlier if _is_same(one, other)), default=None)
            if near is not None:
                found[one.id] = found.get(near[1], near[2])
        earlier += mine
    return found


def _is_same(one: Told, other: Told) -> bool:
    if one.numbers & other.numbers:
        return True
    apart = _gap(one, other)
    if apart is None or (one.numbers and other.numbers):  # both say which visit, and not the same
        return False
    group = one.group
    return not apart or (group is other.group and apart <= group.tolerance)


def _distance(one: Told, other: Told) -> tuple[bool, bool, float, float]:
    """What makes one telling nearer than another: the same number, the same kind of visit, less time between, a nearer beginning."""
    gap = _gap(one, other)
    begun = abs((one.start - other.start).total_seconds()) if one.start and other.start else 0.0
    return not one.numbers & other.numbers, one.group is not other.group, gap.total_seconds() if gap is not None else 0.0, begun


def _gap(one: Told, other: Told) -> timedelta | None:
    """The time between two visits, nothing where they overlap; None where one says no time."""
    if one.start is None or other.start is None:
        return None
    begin, end = max(one.start, other.start), min(_end(one), _end(other))
    return max(begin - end, begin - begin)


def _end(one: Told) -> datetime:
    assert one.start is not None  # noqa: S101  asked before
    if one.end is not None:
        return max(one.end, one.start)
    return one.start if one.status == "finished" else one.start + one.group.open
