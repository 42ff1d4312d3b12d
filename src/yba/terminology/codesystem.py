"""One edition of one list in memory: raw rows by code, concepts made when first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit.text import fold, nfc

from .files import FIXED, folded
from .model import Concept, Membership
from .spelling import LONGEST, SPELLINGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from .model import EditionInfo

REMEMBERED: Final = 50_000  # spellings kept per edition; a stream of made-up codes must not eat the memory
_CODE, _DISPLAY, _ENGLISH, _PARENT, _ABSTRACT, _ALIAS = range(len(FIXED))


class CodeSystem:
    """The codes of one edition. ``find`` costs one dictionary look-up when the spelling was seen before."""

    __slots__ = ("_avoid", "_columns", "_concepts", "_fold", "_lines", "_rows", "_spell", "info", "system")

    def __init__(self, system: str, info: EditionInfo, spelling: str, table: tuple[tuple[str, ...], dict[str, bytes]]) -> None:
        """Take the rows; aliases become further keys of the same row."""
        self.system = system
        self.info = info
        self._spell = SPELLINGS[spelling]
        self._columns, self._rows = table
        self._lines = list(self._rows.values())
        self._avoid = self._columns.index("unusable") if "unusable" in self._columns else _ABSTRACT
        self._fold: list[str] | None = None
        self._concepts: dict[str, Concept] = {}
        self._add_aliases()

    def _add_aliases(self) -> None:
        extra: dict[str, bytes] = {}
        for line in self._lines:
            alias = line.split(b"\t", _ALIAS + 1)[_ALIAS]
            if alias:
                extra |= dict.fromkeys(alias.decode().split(";"), line)
        self._rows = extra | self._rows

    def find(self, code: str) -> Concept | None:
        """The concept of a code in any spelling claims use; None when it is not in this edition."""
        concept = self._concepts.get(code)
        return concept if concept is not None else self._first_time(code)

    def _first_time(self, code: str) -> Concept | None:
        if len(code) > LONGEST:
            return None
        line = self._rows.get(code) or self._rows.get(self._spell(code))
        if line is None:
            return None
        concept = self._build(line)
        if len(self._concepts) >= REMEMBERED:
            self._concepts.clear()
        self._concepts[code] = concept
        return concept

    def _build(self, line: bytes) -> Concept:
        cells = line.decode().split("\t")
        canonical = cells[_CODE]
        known = self._concepts.get(canonical)
        if known is not None:
            return known
        properties = {name: cell for name, cell in zip(self._columns[6:], cells[6:], strict=True) if cell}
        concept = Concept(
            self.system,
            self.info.id,
            canonical,
            cells[_DISPLAY],
            cells[_ENGLISH],
            cells[_PARENT],
            cells[_ABSTRACT] == "1",
            properties,
        )
        self._concepts[canonical] = concept
        return concept

    def all(self) -> Iterator[Concept]:
        """Every concept in the order of the list, made as it goes."""
        return map(self._build, self._lines)

    def codes(self) -> Iterator[str]:
        """Every code in the order of the list; no concept is made."""
        return (line.partition(b"\t")[0].decode() for line in self._lines)

    def membership(self, code: str, on: date | None) -> Membership:
        """YES, NO, or UNKNOWN when the list is incomplete or not yet binding on the day."""
        concept = self.find(code)
        if concept is not None and not concept.abstract:
            return Membership.YES
        binding = self.info.binding_from
        if not self.info.complete or (binding is not None and on is not None and on < binding):
            return Membership.UNKNOWN
        return Membership.NO

    def subsumes(self, above: str, below: str) -> bool:
        """Whether ``above`` is ``below`` or stands over it; False when either is not in the edition."""
        top, start = self.find(above), self.find(below)
        if top is None or start is None:
            return False
        seen: set[str] = set()
        waiting = [start.code]
        while waiting:
            code = waiting.pop()
            if code == top.code:
                return True
            concept = self.find(code) if code not in seen else None
            seen.add(code)
            if concept is not None and concept.parent:
                waiting.extend(concept.parent.split(";"))
        return False

    def search(self, text: str, limit: int) -> list[Concept]:
        """Concepts (groups too) whose code or names hold every word of the text, best first.

        Words may come with or without tones; rows that have the very tones of the text come first, groups and codes
        that may not be used come after their equals.
        """
        words = fold(text[:LONGEST]).encode("ascii", "ignore").decode().split()
        if not words or limit < 1:
            return []
        toned = [] if text.isascii() else nfc(text[:LONGEST]).lower().split()
        found = sorted(self._scored(words, toned))[:limit]
        exact = self.find(text)
        others = (self._build(self._lines[number]) for *_, number in found)
        return [*([exact] if exact else []), *(concept for concept in others if concept is not exact)][:limit]

    def _scored(self, words: list[str], toned: list[str]) -> Iterator[tuple[int, int, bool, int, int, int]]:
        if self._fold is None:
            self._fold = folded(self._lines)
        phrase = " ".join(words)
        for number, line in enumerate(self._fold):
            if all(word in line for word in words):
                code, _, names = line.partition("\t")
                raw = self._lines[number].decode()
                missed = sum(word not in raw.lower() for word in toned)
                cells = raw.split("\t")
                avoid = bool(cells[_ABSTRACT] or cells[self._avoid])
                yield missed, _rank(phrase, words, code, names), avoid, len(code), len(names), number


def _rank(phrase: str, words: list[str], code: str, names: str) -> int:
    """0 exact code, 1 code begins so, 2 a name is so, 3 a name begins so, 4 as a phrase, 5 whole words, 6 anywhere."""
    bare = code.replace(".", "")
    wanted = phrase.replace(".", "")
    parts = names.split("\t", 2)[:2]
    tests = (
        bare == wanted,
        bare.startswith(wanted),
        phrase in parts,
        any(part.startswith(phrase) for part in parts),
        any(phrase in part for part in parts),
        set(words) <= set(names.replace("\t", " ").split()),
    )
    return next((rank for rank, true in enumerate(tests) if true), len(tests))
