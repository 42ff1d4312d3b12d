"""What of a record must be seen at first glance: medicines in use, what is to be done, values that matter, one line of time, what is new."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yba.record import Illness, Medicine, Origin, Page, Paper, Point, Result, Visit

_DAY: Final = 10
_SOON: Final = 7  # days before a supply ends in which it is worth a word
_LAPSED: Final = 60  # days after its end in which a repeated supply is missed
_UNDATED: Final = 30  # days for which a supply of unknown length counts as taken
_CARD_SOON: Final = 28
_RECENT: Final = 400  # days: older values do not push themselves forward
_STEADY: Final = 0.02  # of the value before: no change worth an arrow
VALUES: Final = 7  # lines of the card of newest values


class Taken(NamedTuple):
    """A medicine in use; ``left``: days until its supply ends, None when the source does not say."""

    medicine: Medicine
    left: int | None


class Task(NamedTuple):
    """One thing to do today: kind "ends" | "ended" | "card" | "allergies", or "due" in the words of who says so; ``days``: late when negative."""

    kind: str
    what: str
    days: int
    address: str = ""


@dataclass(slots=True)
class Entry:
    """One line of the timeline: a visit, a paper or a vaccine; ``kinds`` are the filters it answers to."""

    day: str
    kinds: tuple[str, ...]
    visit: Visit | None = None
    paper: Paper | None = None
    vaccine: str = ""
    origin: Origin | None = None
    place: int = 0  # of a visit among the visits, the newest 0


@dataclass(slots=True)
class Since:
    """What came into a record after a day (ISO), "" when the reader's facility never saw the person: then everything is new."""

    day: str
    visits: list[Visit] = field(default_factory=list)
    problems: list[Illness] = field(default_factory=list)
    medicines: list[Medicine] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing came."""
        return not (self.visits or self.problems or self.medicines or self.results or self.papers)


def taken(page: Page, today: date) -> list[Taken]:
    """Return the medicines in use today, those that end first on top."""
    earliest = (today - timedelta(days=_UNDATED)).isoformat()
    found = [Taken(one, _days(today, one.ends_on)) for one in page.medicines if one.ends_on and one.ends_on >= today.isoformat()]
    found += [Taken(one, None) for one in page.medicines if not one.ends_on and one.given_on >= earliest]
    return sorted(found, key=lambda each: (each.left is None, each.left or 0, each.medicine.name))


def tasks(page: Page, today: date, due: Iterable[Task] = ()) -> list[Task]:
    """Return what is to be done today: what programmes say is due, supplies that end, a card that runs out, a question nobody asked."""
    found = list(due)
    for one in page.medicines:
        left = _days(today, one.ends_on) if one.ends_on else None
        if left is None or page.identity.deceased:
            continue
        if 0 <= left <= _SOON:
            found.append(Task("ends", one.name, left))
        elif -_LAPSED <= left < 0 and one.times > 1:
            found.append(Task("ended", one.name, left))
    for card in page.insurance[:1]:
        left = _days(today, card.end)
        if left is not None and left <= _CARD_SOON and not page.identity.deceased:
            found.append(Task("card", card.end, left))
    if not page.allergies_recorded and not page.identity.deceased:
        found.append(Task("allergies", "", 0))
    return sorted(found, key=lambda task: (task.kind == "allergies", task.kind == "card", task.days))


def values(page: Page, today: date) -> list[Result]:
    """Return the results, those to be seen first on top: vital signs, then what is out of its range, then the rest; old ones last."""
    recent = (today - timedelta(days=_RECENT)).isoformat()
    return sorted(page.results, key=lambda one: (one.when < recent, one.group != "vital", not one.flag))  # stable: the newest first


def trend(points: Sequence[Point]) -> str:
    """Say how the newest value stands to the one before: "up" | "down" | "same", "" for fewer than two."""
    if len(points) < 2:  # noqa: PLR2004  # one value has no course
        return ""
    before, now = points[-2].value, points[-1].value
    if abs(now - before) <= abs(before) * _STEADY:
        return "same"
    return "up" if now > before else "down"


def timeline(page: Page) -> list[Entry]:
    """Return visits, papers and vaccines as one line of time, the newest first."""
    found = [
        Entry(one.start, ("v", *(("l",) if one.results else ()), *(("m",) if one.medicines else ())), visit=one, place=place)
        for place, one in enumerate(page.visits)
    ]
    found += [Entry(paper.day, ("p",), paper=paper, origin=paper.origin) for paper in page.papers]
    found += [Entry(day, ("i",), vaccine=name, origin=origin) for name, day, origin in page.vaccines]
    return sorted(found, key=lambda entry: entry.day[:_DAY], reverse=True)  # stable: visits before the papers of their day


def since(page: Page, facilities: Iterable[str], today: date) -> Since:
    """Return what came after the last visit at one of these facilities that is over: what a doctor there does not know yet.

    A visit of today is the one for which the page is opened, so it does not count as the last.
    """
    own = frozenset(facilities)
    last = max((visit.start[:_DAY] for visit in page.visits if visit.facility in own and visit.start[:_DAY] < today.isoformat()), default="")
    return Since(
        last,
        [one for one in page.visits if one.start[:_DAY] > last and one.facility not in own],
        [one for one in page.problems if one.first > last],
        [one for one in page.medicines if one.given_on > last],
        [one for one in page.results if one.when[:_DAY] > last],
        [one for one in page.papers if one.day > last],
    )


def _days(today: date, iso: str) -> int | None:
    """Days from today until an ISO day, None when it is none."""
    try:
        return (date.fromisoformat(iso[:_DAY]) - today).days
    except ValueError:
        return None
