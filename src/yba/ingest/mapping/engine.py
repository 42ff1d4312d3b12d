"""The engine: for each shape of row (table, kind of row, fields present) the compiled function that makes its resources, and its mask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from yba.specs.claims import edition

from .release import release
from .source import Fill, comes_last, compiled, has_room, shared_items

if TYPE_CHECKING:
    from .model import Row

SHAPES_KEPT: Final = 4_096
"""Row shapes remembered; a hospital's software writes a few dozen, hostile input any number."""
FUNCTIONS_KEPT: Final = 512
"""One for each table, kind of row and decision, as a rule: 3 ms and 50 KB each; more only where fields stand in an order of their own."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is done for one kind of row with just these fields."""

    said: tuple[str, str]
    """What the residue keeps of it: the kind of row, and which fields of the table's map are there, as hexadecimal bits."""
    fill: Fill
    unknown: frozenset[str]
    """Fields no decision has: raw in the residue."""
    late: tuple[str, ...]
    """With unknown fields: they and those `fill` looks at last, in the order of the row."""

    def keep_unknown(self, row: Row, over: dict[str, str]) -> None:
        """Put the unknown fields among the raw texts to be kept, in the order of the row."""
        for name in self.late:
            raw = row[name] if name in self.unknown else over.pop(name, None)
            if raw is not None:
                over[name] = raw


class Shapes(dict[tuple[str, ...], Shape]):
    """What is done for the rows of one kind, by the fields a row has, in its order; made at first use and remembered."""

    def __init__(self, release_name: str, decision: str, table: str, variant: str) -> None:
        super().__init__()
        self.of = release_name, decision, table, variant

    def __missing__(self, fields: tuple[str, ...]) -> Shape:
        if sum(map(len, _KINDS.values())) >= SHAPES_KEPT:
            _KINDS.clear()
            self.clear()
        made = self[fields] = _shape(*self.of, fields)
        return made


_KINDS: Final[dict[tuple[str, str, str, str], Shapes]] = {}


def shapes(release_name: str, decision: str, table: str, variant: str) -> Shapes:
    """Give the shapes of one kind of row."""
    kind = release_name, decision, table, variant
    found = _KINDS.get(kind)
    if found is None:
        found = _KINDS[kind] = Shapes(*kind)
    return found


def _shape(release_name: str, decision: str, table: str, variant: str, fields: tuple[str, ...]) -> Shape:
    mapped = release(release_name)[table]
    known = tuple(name for name in fields if name in mapped.bit)
    mask = format(sum(mapped.bit[name] for name in known), "x")
    fill = _function(release_name, table, variant, _order(release_name, decision, table, variant, known))
    unknown = frozenset(fields) - mapped.bit.keys()
    late = tuple(name for name in fields if name in unknown or comes_last(mapped, variant, name)) if unknown else ()
    return Shape((variant, mask), fill, unknown, late)


@lru_cache(maxsize=FUNCTIONS_KEPT)
def _function(release_name: str, table: str, variant: str, fields: tuple[str, ...]) -> Fill:
    return compiled(release(release_name)[table], variant, fields)


def _order(release_name: str, decision: str, table: str, variant: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Give the fields to compile for: the decision's columns where the row follows their order, so that one function serves many shapes."""
    columns, apart = _columns(release_name, decision, table, variant)
    order = tuple(name for name in columns if name in known or name not in apart)
    waiting = iter(order)
    return order if all(name in waiting for name in known) else known


@cache
def _columns(release_name: str, decision: str, name: str, variant: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Give the columns of a decision that a kind of row can have, and those that are only compiled in where they are there."""
    table, of_decision = release(release_name)[name], edition(decision).tables.get(name)
    fields = of_decision.by_field if of_decision else table.fields
    columns = tuple(field for field in fields if field in table.bit and has_room(table, variant, field))
    return columns, shared_items(table, variant, columns)
