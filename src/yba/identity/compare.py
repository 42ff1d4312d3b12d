"""Do two descriptions contradict each other? A ladder a clerk can read; pure."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import Final, NamedTuple

from yba.specs import identity as specs

from .normalise import Name, name_parts

_INFANT_YEARS: Final = specs.identifiers().infant_years
_YEAR: Final = 4
_DAY: Final = 10
_NEW_YEAR: Final = "-01-01"
_SHORT: Final = 3  # a word below this length differs by any letter: An, Ba
PART: Final = 99  # contradicts whatever else agrees


class Level(IntEnum):
    """How far two values agree; NOTHING means one side does not say."""

    SAME = 0
    NOTHING = 1
    NEAR = 2
    OTHER = 3


class Who(NamedTuple):
    """One description of a human: name as sent, partial birth date, sex, year of the visit."""

    name: str
    birth: str
    sex: str
    seen: int


class Verdict(NamedTuple):
    """``total`` contradictions (PART: certainly two humans) and which: name, birth, sex, citizen."""

    total: int
    what: tuple[str, ...]
    exact: bool = False


_AGREE: Final = Verdict(0, (), exact=True)


def _within_one_edit(a: str, b: str) -> bool:
    """Whether one letter typed wrong, left out or added, or two neighbours swapped, make one word of the other."""
    if abs(len(a) - len(b)) > 1 or max(len(a), len(b)) < _SHORT:
        return False
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[at:], b[at:]
    swapped = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
    return swapped or rest_a[1:] == rest_b[1:] or rest_a == rest_b[1:] or rest_a[1:] == rest_b


def _fits(a: str, b: str) -> bool:
    """Whether one word may be the other: every "?" or U+FFFD of an export in a wrong table stands for one letter."""
    a, b = a.replace("\ufffd", "?"), b.replace("\ufffd", "?")
    return len(a) == len(b) and all(x == y or "?" in (x, y) for x, y in zip(a, b, strict=True))


def _rest(a: Name, b: Name) -> tuple[list[str], list[str]]:
    """Return the words of each name that the other lacks."""
    left, right = list(a.words), list(b.words)
    lossy = a.lost or b.lost
    for word in a.words:
        same = next((other for other in right if other == word or (lossy and _fits(word, other))), None)
        if same is not None:
            left.remove(word)
            right.remove(same)
    return left, right


@lru_cache(maxsize=65_536)
def name_level(first: str, second: str) -> Level:
    """Say how far two names agree.

    SAME: equal but for case, place of tones, i/y, or marks that one side lost. NEAR: equal without marks, a word
    missing or moved, or words one letter apart. A newborn's placeholder says nothing.
    """
    a, b = name_parts(first), name_parts(second)
    if not a.folded or not b.folded or a.placeholder or b.placeholder:
        return Level.SAME if a.folded == b.folded and a.folded else Level.NOTHING
    if a.key == b.key or (a.folded == b.folded and not (a.marked and b.marked)):
        return Level.SAME
    if a.folded == b.folded or a.folded.replace(" ", "") == b.folded.replace(" ", ""):
        return Level.NEAR
    left, right = _rest(a, b)
    if not left and not right and (a.lost or b.lost):
        return Level.SAME
    if not left or not right:
        return Level.NEAR if min(len(a.words), len(b.words)) > 1 else Level.OTHER
    one_for_one = len(left) == len(right) and all(_within_one_edit(x, y) for x, y in zip(left, right, strict=True))
    return Level.NEAR if one_for_one else Level.OTHER


@lru_cache(maxsize=65_536)
def birth_level(first: str, second: str) -> Level:
    """Say how far two partial births agree: SAME as far as both say, NEAR within one year of birth, OTHER beyond.

    The first of January is what systems write for an unknown day: within its year it contradicts nothing.
    """
    if not first or not second:
        return Level.NOTHING
    if first[:_YEAR] != second[:_YEAR]:
        return Level.OTHER
    if first[:_DAY] != second[:_DAY] and _NEW_YEAR in (first[_YEAR:_DAY], second[_YEAR:_DAY]):
        return Level.NOTHING
    shared = min(len(first), len(second), _DAY)
    return Level.SAME if first[:shared] == second[:shared] else Level.NEAR


def compare(me: Who, other: Who, *, citizen_differs: bool = False) -> Verdict:
    """Count the contradictions between two descriptions.

    Births in one year on different days count only beside a clearly different name. A different citizen number counts,
    and twice beside a name that is only near (twins). A newborn without a name is nobody of another birth year.
    """
    if me.name == other.name and me.birth == other.birth and me.sex == other.sex and not citizen_differs:
        return _AGREE
    name, birth = name_level(me.name, other.name), birth_level(me.birth, other.birth)
    if _newborn_and_another(me, other, birth) or _newborn_and_another(other, me, birth):
        return Verdict(PART, ("birth",))
    what = []
    if name is Level.OTHER:
        what.append("name")
    if birth is Level.OTHER or (birth is Level.NEAR and name is Level.OTHER):
        what.append("birth")
    if {me.sex, other.sex} == {"male", "female"}:
        what.append("sex")
    if citizen_differs:
        what += ("citizen", "citizen") if name is Level.NEAR or birth is Level.NEAR else ("citizen",)
    return Verdict(len(what), tuple(dict.fromkeys(what)), exact=name is Level.SAME and birth is Level.SAME and not what)


def _newborn_and_another(a: Who, b: Who, birth: Level) -> bool:
    """Whether ``a`` is a nameless newborn and ``b`` somebody of another year (often the mother, whose number it got)."""
    if not name_parts(a.name).placeholder:
        return False
    if birth is Level.OTHER:
        return True
    born = b.birth[:_YEAR]
    return not a.birth and born.isdigit() and int(born) < a.seen - _INFANT_YEARS


def a_year_apart(first: str, second: str) -> bool:
    """Whether two births are in neighbouring years: a frequent slip, not worth a clerk's time beside agreeing names."""
    a, b = first[:_YEAR], second[:_YEAR]
    return a.isdigit() and b.isdigit() and abs(int(a) - int(b)) == 1
