"""How a place of a form is written as the name of a field, and which places there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .model import Form, Item, Place

ANSWER: Final = "a:"
UNIT: Final = "u:"
ROWS: Final = "n:"
MOST_ROWS: Final = 100  # of one group: a household has no hundred members, a child no hundred doses


def name_of(place: Place) -> str:
    """Write a place: "A.QH.HOTEN~0" is the name in the first row of the relatives."""
    link_id, rows = place
    return "~".join((link_id, *map(str, rows)))


def place_of(form: Form, name: str) -> Place | None:
    """Read a place; None when the form has no such item or row."""
    if name in form.items and not form.items[name].above:
        return name, ()
    parts = name.split("~")
    for cut in range(len(parts) - 1, 0, -1):
        link_id, rows = "~".join(parts[:cut]), parts[cut:]
        item = form.items.get(link_id)
        if item is not None and len(item.above) == len(rows) and all(_is_row(row) for row in rows):
            return link_id, tuple(int(row) for row in rows)
    return None


def _is_row(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < len(str(MOST_ROWS)) + 1 and int(text) < MOST_ROWS


def rows_at(item: Item, rows: tuple[int, ...], counted: Mapping[Place, int]) -> int:
    """How many rows a repeating group has there; one at least, so that there is something to fill in."""
    return max(1, counted.get((item.link_id, rows), 1))


def places(item: Item, counted: Mapping[Place, int], rows: tuple[int, ...] = ()) -> Iterator[tuple[Item, tuple[int, ...]]]:
    """Yield every item below with its rows, in the order of the form; a repeating group comes once a row, with the row's number last."""
    for child in item.children:
        if child.type == "group" and child.repeats:
            for row in range(rows_at(child, rows, counted)):
                yield child, (*rows, row)
                yield from places(child, counted, (*rows, row))
        else:
            yield child, rows
            yield from places(child, counted, rows)
