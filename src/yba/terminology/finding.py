"""Finding a code at a desk: by the beginnings of words, with or without tones, or of the code; what a place uses comes first."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from heapq import nsmallest
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.kit.text import fold, nfc

from .lists import ICD10
from .queries import edition_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from .codesystem import CodeSystem
    from .model import Concept

LONGEST: Final = 200
_EDITIONS: Final = 12  # editions kept ready, some 10 MB each at most
_BESIDE: Final = ("ingredient_name",)  # what else of a concept is looked through
# Pregnancy, newborns, malformations, causes from outside: few of those who come to a desk, and their names repeat everybody's.
_SPECIAL: Final = frozenset("OPQVWXY")


class _Entry(NamedTuple):
    """One code that may be chosen: its code without dots, its names folded with a blank before each word, the name in lower case with its tones."""

    code: str
    names: str
    first: str
    toned: str
    special: bool
    concept: Concept


def find(list_id: str, words: str, *, on: date | None = None, favourites: Sequence[str] = (), limit: int = 20) -> list[Concept]:
    """Return the codes of the edition of a day whose code begins so, or whose names have a word beginning with each word, best first.

    Groups and codes that may not be used are left out. ``favourites``: codes a place uses, the most used first: they come before others that
    fit as well; without words they are the answer. Below 50 ms over the longest list, after its first use. Raises UnknownList.
    """
    edition = edition_on(list_id, on)
    if edition is None or limit < 1:
        return []
    text = " ".join(nfc(words[:LONGEST]).lower().split())
    if not text:
        known = (edition.find(code) for code in favourites)
        return [one for one in known if one is not None and not one.abstract][:limit]
    order = {found.code: place for place, code in enumerate(favourites) if (found := edition.find(code)) is not None}
    hits = _hits(_ready(edition), text, order)
    return [one.concept for _, one in nsmallest(limit, hits, key=lambda hit: hit[0])]


class _Ready(NamedTuple):
    """The codes of an edition, ready to be looked through."""

    entries: tuple[_Entry, ...]
    names: tuple[str, ...]
    codes: tuple[tuple[str, int], ...]


@lru_cache(maxsize=_EDITIONS)
def _ready(edition: CodeSystem) -> _Ready:
    entries = tuple(_entry(edition.system, one) for one in edition.all() if not one.abstract and not one.properties.get("unusable"))
    return _Ready(entries, tuple(one.names for one in entries), tuple(sorted((one.code, place) for place, one in enumerate(entries))))


def _entry(system: str, one: Concept) -> _Entry:
    names = [fold(name) for name in (one.display, one.display_en, *(one.properties.get(key, "") for key in _BESIDE)) if name]
    plain = " ".join(" ".join(names).translate(_MARKS).split())
    first = fold(one.display).removeprefix("benh ")
    return _Entry(_bare(one.code), f" {plain}", first, nfc(one.display).lower(), system == ICD10 and one.code[:1] in _SPECIAL, one)


_MARKS: Final = str.maketrans(dict.fromkeys("()[]{},;:/+-", " "))


def _bare(code: str) -> str:
    return code.replace(".", "").rstrip("*†+").lower()


def _hits(ready: _Ready, text: str, order: dict[str, int]) -> Iterator[tuple[tuple[int | bool, ...], _Entry]]:
    phrase = fold(text)
    code, parts = _bare(phrase.replace(" ", "")), sorted((f" {word}" for word in phrase.translate(_MARKS).split()), key=len, reverse=True)
    by_code = _beginning(ready.codes, code)
    # one letter begins a word of nearly every name: only codes begin so
    named = _having(ready.names, parts) if sum(map(len, parts)) > 2 else []  # noqa: PLR2004
    toned = () if text.isascii() else tuple(text.split())
    last = len(order)
    for place in {*by_code, *named}:
        one = ready.entries[place]
        begins = one.code.startswith(code)
        missed = sum(word not in one.toned for word in toned)
        used = order.get(one.concept.code, last)
        others = (one.special, not one.first.startswith(phrase), phrase not in one.names, used, len(one.code), len(one.names), place)
        yield (not begins or one.code != code, not begins, used == last, missed, *others), one


def _beginning(codes: Sequence[tuple[str, int]], code: str) -> list[int]:
    """Return the places of codes that begin so, of (code, place) in order."""
    if not code:
        return []
    first = bisect_left(codes, (code, 0))
    return [place for _, place in codes[first : bisect_left(codes, (code + "\uffff", 0))]]


def _having(names: Sequence[str], parts: Sequence[str]) -> list[int]:
    """Return the places of names that hold every part, the longest part first: it leaves the fewest."""
    places = [place for place, name in enumerate(names) if parts[0] in name]
    for part in parts[1:]:
        places = [place for place in places if part in names[place]]
    return places
