"""A report as text: canonical JSON of form, figures and origin; the same report is the same text, so its hash says whether it was signed so."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import orjson

from yba.specs.reading import Words

from .model import CellState, Difference, Figures, Judged, Late, Line, Number, Sheet, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.specs.exports import Edition

    from .model import Draft

_SORTED = orjson.OPT_SORT_KEYS


def sheet_of(edition: Edition) -> Sheet:
    """Give an edition as people read it."""
    lines = tuple(Line(one.id, one.number, one.words, one.unit, one.parent) for one in edition.rows)
    columns = tuple((one.id, one.words) for one in edition.columns)
    return Sheet(
        edition.number, edition.title, edition.law, edition.notes, edition.without_successor, columns, lines, edition.maker, edition.signer
    )  # fmt: skip


def digest(figures: Figures) -> bytes:
    """Return the SHA-256 of figures alone."""
    return hashlib.sha256(orjson.dumps(_figures(figures), option=_SORTED)).digest()


def written(draft: Draft, differences: Sequence[Difference], late: Sequence[Late] | None) -> str:
    """Write a report whole; what it was counted from and by which definition stands in ``origin``."""
    told = {
        "schema": 1,
        "form": _sheet(draft.sheet),
        "figures": _figures(draft.figures),
        "origin": {
            "seq": draft.seq, "until": draft.until.isoformat(), "definition": draft.edition.digest, "software": version("yba"), "restricted": True,
        },
        "differences": [list(one) for one in differences],
        "late": None if late is None else [list(one) for one in late],
    }  # fmt: skip
    return orjson.dumps(told, option=_SORTED).decode()


def read(text: str) -> tuple[Sheet, Figures, dict[str, Any], tuple[Difference, ...], tuple[Late, ...] | None]:
    """Read what `written` wrote: form, figures, origin, differences, what was sent late."""
    told = orjson.loads(text)
    late = None if told["late"] is None else tuple(Late(*one) for one in told["late"])
    return _read_sheet(told["form"]), _read_figures(told["figures"]), told["origin"], tuple(Difference(*one) for one in told["differences"]), late


def differences(old: Figures, new: Figures) -> tuple[Difference, ...]:
    """Say which numbers are others now, the whole first; a place or row that one of them has not is blank there."""
    found = []
    for place in dict.fromkeys((*old.places, *new.places)):
        before, after = old.cells.get(place, {}), new.cells.get(place, {})
        for row in dict.fromkeys((*after, *before)):
            pairs = zip(before.get(row) or _blank(after[row]), after.get(row) or _blank(before[row]), strict=True)
            found += [Difference(place, row, str(at), one.value, two.value) for at, (one, two) in enumerate(pairs) if one.value != two.value]
    return tuple(found)


def _blank(like: tuple[Number, ...]) -> tuple[Number, ...]:
    return (Number(None, CellState.NONE),) * len(like)


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "cells": {place: {row: [list(one) for one in cells] for row, cells in rows.items()} for place, rows in figures.cells.items()},
        "places": list(figures.places),
        "heard": figures.heard,
        "expected": figures.expected,
        "checks": [[one.rule, one.place, one.at, one.left, one.right, one.verdict, one.hard] for one in figures.checks],
    }


def _read_figures(told: dict[str, Any]) -> Figures:
    cells = {
        place: {row: tuple(Number(value, CellState(state)) for value, state in found) for row, found in rows.items()}
        for place, rows in told["cells"].items()
    }
    checks = tuple(Judged(rule, place, at, left, right, Verdict(verdict), hard) for rule, place, at, left, right, verdict, hard in told["checks"])
    return Figures(cells, tuple(told["places"]), told["heard"], told["expected"], checks)


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {
        "number": sheet.number, "title": _told(sheet.title), "law": sheet.law, "notes": _told(sheet.notes),
        "without_successor": _told(sheet.without_successor), "columns": [[name, *_both(words)] for name, words in sheet.columns],
        "lines": [[one.id, one.number, *_both(one.words), _told(one.unit), one.parent] for one in sheet.lines],
        "maker": _told(sheet.maker), "signer": _told(sheet.signer),
    }  # fmt: skip


def _read_sheet(told: dict[str, Any]) -> Sheet:
    columns = tuple((name, Words(vi, en)) for name, vi, en in told["columns"])
    lines = tuple(Line(id_, number, Words(vi, en), _read_words(unit), parent) for id_, number, vi, en, unit, parent in told["lines"])
    title, maker, signer = (Words(*told[key]) for key in ("title", "maker", "signer"))
    return Sheet(
        told["number"], title, told["law"], _read_words(told["notes"]), _read_words(told["without_successor"]), columns, lines, maker, signer
    )


def _both(words: Words) -> tuple[str, str]:
    return words.vi, words.en


def _told(words: Words | None) -> list[str] | None:
    return None if words is None else [words.vi, words.en]


def _read_words(told: list[str] | None) -> Words | None:
    return None if told is None else Words(*told)
