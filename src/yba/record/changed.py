"""What changed in the record since a mark: every row version once, whatever was under way meanwhile. What the warehouse is filled from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access
from yba.access import Columns, Right
from yba.kit.db import glance
from yba.kit.errors import Forbidden

from .store import changed as store
from .store.changed import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.reach import Predicate

# `updated` is told by the clock of who writes: one that runs behind the server's by less is no matter, by more the row is noted (migration 0012).
SLACK: Final = timedelta(hours=1)
MANY: Final = 10_000  # people moved above which reading everything once is quicker than looking for each
COLUMNS: Final = (
    "person_id", "id", "given_id", "version", "transaction", "updated", "deleted", "facility_id", "source_id", "labels", "mapped_by",
    "start_at", "end_at", "doc",
)  # fmt: skip
Range = tuple[int, int]


class Mark(NamedTuple):
    """Up to where somebody has read: all transactions before ``oldest``, of later ones those ``seen`` (first and last of each run).

    Not the snapshot PostgreSQL tells: that names transactions under way, while rows of a savepoint bear a number of their own, which is not
    among them. What was seen is known for sure: the numbers on the rows. ``horizon``: rows written later have no older `updated`.
    """

    oldest: int
    seen: tuple[Range, ...]
    horizon: datetime

    def having_seen(self, numbers: Iterable[int], before: Mark | None) -> Mark:
        """Return this mark with what was seen: these transactions, and those an earlier mark knew."""
        known = set(numbers) | (set(before.numbers()) if before else set())
        return self._replace(seen=tuple(_runs(sorted(one for one in known if one >= self.oldest))))

    def numbers(self) -> list[int]:
        """Return the transactions seen, one by one."""
        return [number for first, last in self.seen for number in range(first, last + 1)]


def _runs(numbers: Sequence[int]) -> Iterator[Range]:
    first = last = None
    for number in numbers:
        if first is None or last is None or number != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


class Database(NamedTuple):
    """Which database it is: of which cluster, and which of it. A copy brought back elsewhere is another one."""

    system: str
    number: int


class Slice(NamedTuple):
    """The changes of one type, restricted ones apart; ``rows`` None where nobody has counted."""

    rtype: str
    labelled: bool
    rows: int | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed, all of one moment: the slices that have rows, what to keep as the next mark, and how many rows there may be."""

    mark: Mark  # without what is seen: who reads the rows knows
    at: datetime
    database: Database
    slices: tuple[Slice, ...]
    touched: tuple[tuple[str, UUID], ...]  # to `forget_touched` once the rows are kept
    expected: int
    _conn: Connection[Any]
    _seen: Predicate
    _wanted: Wanted
    _all: Wanted
    _anew: frozenset[str]

    def copy(self, one: Slice) -> Iterator[bytes]:
        """Give out the rows of a slice as lines of CSV: COLUMNS, delimiter byte 31, quote byte 1, no quote = NULL where empty."""
        wanted = self._all if one.rtype in self._anew else self._wanted
        return store.copy(self._conn, self._seen, wanted, rtype=one.rtype, labelled=one.labelled)


def oldest_under_way() -> datetime:
    """Return when the oldest open transaction began: asked before the unit of `changed` begins, so that none slips between."""
    with glance() as conn:
        return store.under_way(conn)


def changed(
    conn: Connection[Any],
    *,
    by: Actor,
    since: Mark | None,
    under_way: datetime,
    anew: frozenset[str] = frozenset(),
    everywhere: bool = False,
) -> Changes:
    """Describe what changed since a mark (None: everything), in a steady unit of work (`unit_of_work(steady=True)`).

    ``under_way`` is `oldest_under_way`, asked before. ``anew``: types of which everything is given; ``everywhere`` looks at every row whatever
    its `updated` says (after a clock went wrong). Only current versions and tombstones; what changed twice comes once. Not audited here: the
    caller notes what it takes. Raises Denied, Forbidden for who does not see everything: half an export would look like deletions.
    """
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_LAKE_REFRESH, columns=Columns(alias="r"))
    if not by.standing or by.scope != "all":
        raise Forbidden(f"{by.name} does not see everything.")
    now = store.moment(conn)
    touched = store.touched(conn)
    whole = Wanted(now.number)
    wanted = whole
    if since is not None:
        people = sorted({person for _, person in touched})
        wanted = Wanted(now.number, since.horizon, since.oldest, since.numbers(), people, everywhere or len(people) > MANY)
    slices = _slices(conn, seen, wanted, anew)
    known = [one.rows for one in slices if one.rows is not None]
    return Changes(
        mark=Mark(now.oldest, (), min(under_way, now.at) - SLACK), at=now.at, database=Database(now.system, now.database), slices=slices,
        touched=tuple(touched), expected=sum(known) if len(known) == len(slices) else store.estimate(conn), _conn=conn, _seen=seen,
        _wanted=wanted, _all=whole, _anew=anew,
    )  # fmt: skip


def _slices(conn: Connection[Any], seen: Predicate, wanted: Wanted, anew: frozenset[str]) -> tuple[Slice, ...]:
    """Count what changed; of what is given whole nobody counts beforehand."""
    if wanted.since is None:
        whole = store.types(conn, seen)
        return tuple(Slice(rtype, labelled, None) for rtype in whole for labelled in (False, True))
    found = [Slice(*row) for row in store.count(conn, seen, wanted) if row[0] not in anew]
    return (*found, *(Slice(rtype, labelled, None) for rtype in sorted(anew) for labelled in (False, True)))


def waiting(conn: Connection[Any], *, by: Actor, since: Mark) -> datetime | None:
    """Return when the oldest change since a mark was written, None without one; of rows that a merge moved: when they were written. Raises Denied."""
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_LAKE_REFRESH, columns=Columns(alias="r"))
    people = sorted({person for _, person in store.touched(conn)})
    return store.waiting(conn, seen, Wanted(store.moment(conn).number, since.horizon, since.oldest, since.numbers(), people))


def forget_touched(conn: Connection[Any], *, by: Actor, touched: Sequence[tuple[str, UUID]]) -> int:
    """Take away the notes of rows that were read and kept; returns how many. Raises Denied."""
    access.require(by, Right.WAREHOUSE_LAKE_REFRESH)
    return store.forget_touched(conn, touched) if touched else 0
