"""Rows of the record: what was laid into a repeating group, and which rows of the answers still say just that; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .values import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .model import Form, Found, Place, Value

Texts = tuple[tuple[str, tuple[str, ...]], ...]


def laid(form: Form, found: Iterable[Found]) -> dict[Place, list[Found]]:
    """Return what is known, by the row (of its group, with the row's number) in which it would be laid."""
    rows: dict[Place, list[Found]] = {}
    for one in found:
        if one.rows:
            rows.setdefault((form.items[one.link_id].above[-1], one.rows), []).append(one)
    return rows


def known(form: Form, values: Mapping[Place, tuple[Value, ...]], found: Iterable[Found]) -> dict[Place, list[Found]]:
    """Return the rows of answers that say what a row of the record says, no more and no less, with what that is.

    Rows are known by what they say and not by their place: one that was taken out moves the others up. A row in which a word was changed or added
    is a statement of its own. Of several that say the same one is known, each by another row of the record.
    """
    stock: dict[tuple[str, Texts], list[list[Found]]] = {}
    for (group, _), row in laid(form, found).items():
        stock.setdefault((group, _texts(form, {(one.link_id, ()): (one.value,) for one in row})), []).append(row)
    said: dict[Place, dict[Place, tuple[Value, ...]]] = {}
    for (link_id, at), given in values.items():
        item = form.items[link_id]
        for depth, group in enumerate(item.above):
            if form.items[group].population and given and not item.calculated:
                said.setdefault((group, at[: depth + 1]), {})[link_id, at[depth + 1 :]] = given
    return {place: same.pop(0) for place, row in sorted(said.items()) if (same := stock.get((place[0], _texts(form, row))))}


def _texts(form: Form, row: Mapping[Place, tuple[Value, ...]]) -> Texts:
    """Return what a row says as it is written in its boxes: a code's display of another release makes no difference."""
    return tuple(
        sorted(
            ("~".join((link_id, *map(str, at))), tuple(written(form.items[link_id], one) for one in given)) for (link_id, at), given in row.items()
        )
    )
