"""May these two be one, and who holds which number after a merge or a split? Pure: over what is known of both."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from yba.specs.identity.merging import merging

from .deaths import UNDATED, death_of
from .ladder import short
from .model import IdType
from .survive import golden_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from yba.specs.identity.merging import Guard

    from .normalise import Key
    from .state import Person, Source

_DAY: Final = 10
_YEAR: Final = 4
_CITIZEN: Final = IdType.CITIZEN.value


class Holding(NamedTuple):
    """One row of ownership; ``since`` as ISO text with time zone."""

    person: UUID
    type: str
    value: str
    sequence: int
    claimed: bool
    since: str

    @property
    def key(self) -> Key:
        """The identifier."""
        return self.type, self.value


def guards_of_merge(keep: Person, drop: Person, owners: Sequence[Holding]) -> list[Guard]:
    """Return the guards that fire when two people are to be one, in the order of the file."""
    codes = set(_fired(keep, drop, owners))
    return [guard for code, guard in merging().guards.items() if code in codes]


def _fired(keep: Person, drop: Person, owners: Sequence[Holding]) -> Iterator[str]:
    if _is_child_of(keep, drop) or _is_child_of(drop, keep):
        yield "kin"
    if _births(keep) & _births(drop) and not _same_rows(keep, drop):
        yield "siblings"
    yield from _deaths(keep, drop)
    held = [{value for kind, value in one.holds if kind == _CITIZEN} for one in (keep, drop)]
    if all(held) and not held[0] & held[1]:
        yield "citizen-numbers-differ"
    if _contested(owners, {keep.id, drop.id}):
        yield "contested-number"
    yield from _descriptions(keep, drop)
    several = len({source.key[0] for one in (keep, drop) for source in one.sources}) >= merging().facilities
    if several and keep.sources and drop.sources:  # of whom nothing is said, nothing can be taken for another's
        yield "large"


def _is_child_of(child: Person, mother: Person) -> bool:
    """Whether a certificate of one names a patient number of the other as the mother's."""
    mothers = {(source.key[0], short(source.sent["born_of"])) for source in child.sources if source.sent.get("born_of")}
    return bool(mothers & {source.key[:2] for source in mother.sources if not source.sent.get("born_of")})


def _births(person: Person) -> set[tuple[str, str]]:
    """The claims (facility, xml9:link) whose certificates tell of this person."""
    return {(source.key[0], source.key[1].rpartition(":")[0]) for source in person.sources if source.sent.get("born_of")}


def _same_rows(one: Person, other: Person) -> bool:
    return {source.key for source in one.sources} == {source.key for source in other.sources}


def _deaths(keep: Person, drop: Person) -> Iterator[str]:
    died = [death_of(keep), death_of(drop)]
    if all(died):
        days = {one[:_DAY] for one in died if one != UNDATED}
        if len(days) > 1:
            yield "death-days-differ"
        return
    if not any(died):
        return
    dead, living = (keep, drop) if died[0] else (drop, keep)
    day = death_of(dead)
    yield "seen-after-death" if day != UNDATED and _seen_after(living.sources, day) else "dead-and-living"


def _seen_after(sources: Iterable[Source], died: str) -> bool:
    last = date.fromisoformat(died[:_DAY]) + timedelta(days=merging().days_after_death)
    return any(datetime.fromtimestamp(source.stamp[0], UTC).date() > last for source in sources)


def _contested(owners: Sequence[Holding], people: set[UUID]) -> bool:
    """Whether a number is owned by both and was told of as two different humans'."""
    by_key: dict[Key, list[Holding]] = {}
    for one in owners:
        if one.person in people:
            by_key.setdefault(one.key, []).append(one)
    return any(len(rows) > 1 and any(row.claimed for row in rows) for rows in by_key.values())


def _descriptions(keep: Person, drop: Person) -> Iterator[str]:
    ours, theirs = golden_fields(keep.sources), golden_fields(drop.sources)
    sexes = {said["sex"] for said in (ours, theirs) if said.get("sex", "unknown") != "unknown"}
    if len(sexes) > 1:
        yield "sex-differs"
    years = [int(said["birth"][:_YEAR]) for said in (ours, theirs) if said.get("birth", "")[:_YEAR].isdigit()]
    if len(years) > 1 and abs(years[0] - years[1]) > merging().birth_years:
        yield "birth-differs"


def united(owners: Sequence[Holding], taker: UUID) -> list[Holding]:
    """Give all holdings to one person; what either held unquestioned is held, since the earlier. The same in either order."""
    found: dict[Key, Holding] = {}
    for one in owners:
        mine = one._replace(person=taker)
        other = found.get(one.key)
        found[one.key] = mine if other is None else _earlier(mine, other)
    return list(found.values())


def _earlier(one: Holding, other: Holding) -> Holding:
    sequence, claimed = min(one.sequence, other.sequence), one.claimed and other.claimed
    return one._replace(sequence=sequence, claimed=claimed, since=min(one.since, other.since))


def divided(
    owners: Sequence[Holding],
    giver: UUID,
    taker: UUID,
    *,
    leaving: set[Key],
    staying: set[Key],
    now: str,
    before: Sequence[Holding] = (),
) -> list[Holding]:
    """Share out the holdings of ``giver`` by whose sources say the number; one that both say stays and is claimed by ``taker``.

    ``before``: what both held before the merge that this split is the contrary of; numbers known then are held as they were.
    """
    known = {one.key for one in before}
    given = [one for one in before if one.person in {giver, taker}]
    for one in owners:
        if one.key in known:
            continue
        if one.key in leaving and one.key not in staying:
            given.append(one._replace(person=taker))
        else:
            given.append(one._replace(person=giver))
            if one.key in leaving:
                given.append(one._replace(person=taker, claimed=True, since=now))
    return given


def keys_of(sources: Iterable[Source]) -> set[Key]:
    """Return the identifiers that sources say."""
    return {key for source in sources if not source.withdrawn for key in source.ids}


def holdings(rows: Iterable[Sequence[Any]]) -> list[Holding]:
    """Make holdings of what an act kept of them (lists of JSON)."""
    return [Holding(UUID(row[0]), *row[1:]) for row in rows]
