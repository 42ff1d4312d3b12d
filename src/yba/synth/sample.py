"""Single claims for tests: a wanted kind of visit in a wanted standard, from any random source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

from . import claim, course, envelope, places
from .conditions import Condition, acute, band, chronic, epidemics
from .dates import DAY, day_number, ymd
from .dice import Dice, derive
from .names import MALE
from .people import household
from .plan import PERIODS, SHORT, acute_visit
from .pregnancy import first_days, pregnancy_visits
from .render import Writer
from .stream import Options, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from .draft import Row
    from .people import Person
    from .plan import Visit

KINDS: Final = (
    "outpatient",
    "inpatient",
    "short_stay",
    "chronic",
    "injury",
    "epidemic",
    "referral",
    "death",
    "birth",
    "newborn",
    "antenatal",
    "hiv",
    "tuberculosis",
    "refill",
)
"""What `one_claim` can be asked for."""
TRIES = 4000


@dataclass(frozen=True, slots=True)
class SyntheticClaim:
    """One clean claim with the file that carries it."""

    facility: str
    link: str
    person: str
    local: str
    standard: str
    tables: dict[str, list[Row]]
    """all fields this generator fills, also those the standard has not"""
    xml: bytes
    """a GIAMDINHHS file with this one HOSO"""
    hoso: bytes
    """the HOSO alone, UTF-8"""


def claims(
    seed: int,
    n: int,
    *,
    months: int = 12,
    end: date = date(2026, 10, 31),
    province: str = "11",
    standards: tuple[tuple[str, float], ...] = (),
    dirt: float = 1.0,
) -> Iterator[tuple[str, bytes]]:
    """Yield (path, bytes) of the files of a set with exactly `n` claims, resends and strays included; the same for the same arguments."""
    for file in Stream(Options(seed=seed, months=months, end=end, province=province, claims=n, standards=standards, dirt=dirt)):
        yield file.path, file.data


def one_claim(rng: Random, standard: str = "3176", kind: str = "outpatient") -> SyntheticClaim:
    """Make one clean claim; `rng` is any `random.Random` (hypothesis: `st.randoms()`), `kind` one of `KINDS`.

    The visit ends inside the period of the standard. Raises KeyError for an unknown standard and ValueError for an unknown kind.
    """
    first, last = PERIODS[standard]
    last = min(last, day_number(date(2026, 10, 31)))
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind}: one of {', '.join(KINDS)}")
    seed = rng.getrandbits(48)
    for attempt in range(TRIES):
        dice = Dice(derive(seed, "sample", attempt))
        visit = _wanted(dice, kind, first, last, seed + attempt)
        if visit is not None and first <= (visit.leave or visit.arrive) // DAY <= last:
            visit.standard = standard
            return _claim(visit, dice)
    raise ValueError(f"no {kind} in {standard} after {TRIES} tries")


@cache
def _net() -> places.Province:
    return places.build(1, "11")


def _claim(visit: Visit, dice: Dice) -> SyntheticClaim:
    draft = claim.write(visit, dice)
    style = draft.style
    text = envelope.hoso(Writer(visit.standard, style), style, draft, nested=style.nested)
    whole = envelope.to_bytes(style, envelope.giamdinhhs(style, draft.facility.code, ymd(draft.end // DAY), [text]))
    return SyntheticClaim(draft.facility.code, draft.link, visit.person.uid, draft.local, visit.standard, draft.rows, whole, text.encode())


def _wanted(dice: Dice, kind: str, first: int, last: int, seed: int) -> Visit | None:
    """Plan a visit of the kind around a day of the period; None when chance did not bring it."""
    net = _net()
    day = dice.between(first + 20, max(first + 21, last - 20))
    people = household(seed, dice.below(100_000), net, last)
    person = dice.pick(people)
    if person.birth // DAY > day - 90:
        return None
    if kind in {"birth", "newborn", "antenatal"}:
        return _of_pregnancy(dice, kind, people, day)
    if kind in {"chronic", "hiv", "tuberculosis", "refill"}:
        fitting = [one for one in chronic() if (one.key == kind or kind in {"chronic", "refill"}) and _befalls(one, person, day)]
        if not fitting:
            return None
        condition = dice.pick(fitting)
        found = course.long_care(dice, person, net, condition, course.Window(seed, day, day + 40, archive=False))
        return next((one for one in found if (one.kind == "07") == (kind == "refill") and one.kind != "03"), None)
    pool = [one for one, _ in epidemics()] if kind == "epidemic" else [one for one in acute() if (one.kind == "injury") == (kind == "injury")]
    pool = [one for one in pool if _befalls(one, person, day)]
    if not pool:
        return None
    visit = acute_visit(dice, net, person, dice.pick(pool), day)
    fit = {
        "outpatient": visit.kind == "01",
        "inpatient": visit.kind == "03",
        "short_stay": visit.kind == SHORT,
        "referral": visit.refer_to is not None,
        "death": visit.outcome == "5",
    }
    return visit if fit.get(kind, True) else None


def _befalls(condition: Condition, person: Person, day: int) -> bool:
    """Say whether a person of this sex and age can have it."""
    return condition.rate[band(max(0.0, person.age(day)))] > 0 and not (condition.male == 0 and person.sex == MALE)


def _of_pregnancy(dice: Dice, kind: str, people: list[Person], day: int) -> Visit | None:
    woman = next((one for one in people if one.sex == 2 and one.partner), None)  # noqa: PLR2004 - female
    if woman is None:
        return None
    visits, babies = pregnancy_visits(dice, woman, _net(), day - 60, day + 30)
    if kind == "newborn":
        return next((visit for child in babies for visit in first_days(dice, child)), None)
    return next((one for one in visits if one.note == kind), None)
