"""What of a resource is shown: all of it, or what `_summary` and `_elements` leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yba.fhir import summary

from . import documents
from .faults import bad

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yba.record import Saved, StoredResource

    from .http import Pairs


def wanted(query: Pairs) -> tuple[str, tuple[str, ...]]:
    """Read `_summary` ("" where it is not asked for) and `_elements`. Raises Refusal."""
    mode, names = "", tuple[str, ...]()
    for key, value in query:
        if key == "_summary":
            if value not in summary.MODES:
                raise bad(
                    "_summary là true, text, data, count hoặc false.", "_summary is true, text, data, count or false.", expression=("_summary",)
                )
            mode = value
        elif key == "_elements":
            names = (*names, *(part.strip() for part in value.split(",") if part.strip()))
    if mode not in {"", "false"} and names:
        raise bad("_summary và _elements không đi cùng nhau.", "_summary and _elements do not go together.", expression=("_elements",))
    return mode, names


def shown(query: Pairs, stored: StoredResource | Saved) -> str:
    """Write a resource as JSON, as much of it as is asked for."""
    mode, names = wanted(query)
    return _text(stored, mode, names)


def shown_all(query: Pairs, rows: Iterable[StoredResource]) -> list[str]:
    """Write many."""
    mode, names = wanted(query)
    return [_text(one, mode, [name for name in names if _is_of(name, one.rtype, bare=True)]) for one in rows]


def shown_along(query: Pairs, rows: Iterable[StoredResource]) -> list[str]:
    """Write what comes along with a page: `_elements` is of it where it names its type ("Patient.name")."""
    mode, names = wanted(query)
    return [_text(one, mode, [name for name in names if _is_of(name, one.rtype, bare=False)]) for one in rows]


def _is_of(name: str, rtype: str, *, bare: bool) -> bool:
    return name.startswith(f"{rtype}.") or (bare and not name[:1].isupper())


def _text(stored: StoredResource | Saved, mode: str, names: Sequence[str]) -> str:
    if mode in {"", "false", "count"} and not names:
        return documents.text(stored)
    doc = documents.doc(stored)
    return documents.dumps(summary.of_elements(doc, names) if names else summary.summarised(doc, mode)).decode()
