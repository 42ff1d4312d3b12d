"""The rules that cannot be data: one small pure function each, named by the rule's id, yielding faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import identity, lines, papers, signs, stay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from yba.ingest.checks.model import Fault, Visit

FUNCTIONS: Final[Mapping[str, Callable[[Visit], Iterable[Fault]]]] = {
    name.upper(): function
    for module in (identity, stay, lines, papers, signs)
    for name, function in vars(module).items()
    if name[:2] in {"vr", "yb"} and name[2:].isdigit()
}
"""By rule id."""
