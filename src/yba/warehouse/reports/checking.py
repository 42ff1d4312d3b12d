"""The checks of a report: sums and limits over rows or columns; what hangs on a blank is not judged, because a blank is not 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .model import WHOLE, Judged, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from yba.specs.exports import Edition
    from yba.specs.exports_rows import Check

    from .model import Number

_CLOSE: Final = 0.005  # numbers are kept to two places


def judged(edition: Edition, cells: Mapping[str, Mapping[str, tuple[Number, ...]]]) -> tuple[Judged, ...]:
    """Judge every check of the whole, and of its places what is broken."""
    found = []
    for place, rows in cells.items():
        for check in edition.checks:
            found += [one for one in _of(edition, check, place, rows) if place == WHOLE or one.verdict is Verdict.BROKEN]
    return tuple(found)


def _of(edition: Edition, check: Check, place: str, rows: Mapping[str, tuple[Number, ...]]) -> Iterator[Judged]:
    columns = {one.id: at for at, one in enumerate(edition.columns)}
    if check.of_rows:
        for column, at in columns.items():
            yield _judge(check, place, column, lambda name, at=at: rows[name][at].value)  # type: ignore[misc]
    else:
        for row in edition.rows:
            if row.missing is None:
                yield _judge(check, place, row.id, lambda name, row=row: rows[row.id][columns[name]].value)  # type: ignore[misc]


def _judge(check: Check, place: str, at: str, value: Callable[[str], float | int | None]) -> Judged:
    left, right = (_sum(side, value) for side in (check.left, check.right))
    if left is None or right is None:
        verdict = Verdict.NOT_JUDGED
    else:
        holds = abs(left - right) < _CLOSE if check.equal else left <= right + _CLOSE
        verdict = Verdict.HOLDS if holds else Verdict.BROKEN
    return Judged(check.rule, place, at, left, right, verdict, check.hard)


def _sum(side: tuple[tuple[int, str], ...], value: Callable[[str], float | int | None]) -> float | int | None:
    found = [(sign, value(name)) for sign, name in side]
    return None if any(one is None for _, one in found) else sum(sign * (one or 0) for sign, one in found)
