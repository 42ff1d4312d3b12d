"""What the lake finds for a book: keys of events in a period and place, and keys of what belongs to them; nothing of it is shown unasked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from yba.specs.measures import base
from yba.warehouse.furnishing import furnish

from .model import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from yba.record import Ref
    from yba.specs.books import Book, Part
    from yba.warehouse.engines import Engine
    from yba.warehouse.measures import Period

ALWAYS: Final = ("patient",)  # whose commune of residence a row belongs to


def views_of(book: Book) -> tuple[str, ...]:
    """Return the views a book reads."""
    return tuple(dict.fromkeys((*book.reads, *ALWAYS)))


def lay(engine: Engine, book: Book) -> None:
    """Add empty tables for what a book reads and the lake holds nothing of, and the lists by which a visit told twice is one."""
    furnish(engine, views={*views_of(book), *(("encounter",) if book.visits else ())}, types={"Encounter", book.event, *book.types})


def statement(book: Book, *, facility: bool, commune: bool) -> str:
    """Give the whole statement of a book; parameters $start, $end, $most, and $facility or $commune."""
    shared = [*([base("visit")] if book.visits else ()), base("resident")]
    places = [*(["e.facility = $facility"] if facility else ()), *(["r.commune_code = $commune"] if commune else ())]
    where = f"WHERE {' AND '.join(places)}" if places else ""
    return f"""WITH {",".join(shared)},
entry AS (
{book.sql})
SELECT e.event, e.day, e.encounter, e.source::VARCHAR, e.rests
FROM entry e LEFT JOIN resident r ON r.person = e.person
{where} ORDER BY e.day, e.moment, e.event LIMIT $most"""  # noqa: S608  SQL of specs


def events(engine: Engine, book: Book, period: Period, *, facility: str, commune: str, most: int) -> list[Event]:
    """Find what may be a row, by day; at most ``most``."""
    sql = statement(book, facility=bool(facility), commune=bool(commune))
    given: dict[str, object] = {"start": period.start, "end": period.end, "facility": facility, "commune": commune, "most": most}
    asked = set(re.findall(r"\$([a-z]+)", sql))
    rows = engine.execute(sql, {name: value for name, value in given.items() if name in asked}).fetchall()
    return [Event(ref(event), day, encounter, source, tuple(map(ref, rests or ()))) for event, day, encounter, source, rests in rows]


def ref(key: str) -> Ref:
    """Read a key of a view: "Encounter/…"."""
    rtype, _, id_ = key.partition("/")
    return rtype, id_


def belonging(engine: Engine, book: Book, page: Iterable[Event]) -> dict[str, dict[Ref, list[Ref]]]:
    """Find the keys of what belongs to the events of a page by view or by source: part -> event -> keys."""
    known = list(page)
    visits_ = {one.encounter: one.ref for one in known if one.encounter}
    by_encounter: dict[str, list[Ref]] = {}
    by_source: dict[str, list[Ref]] = {}
    for one in known:
        by_encounter.setdefault(one.encounter or "", []).append(one.ref)
        by_source.setdefault(one.source or "", []).append(one.ref)
    found: dict[str, dict[Ref, list[Ref]]] = {}
    for part in book.parts.values():
        if part.view:
            found[part.name] = _spread(_by_view(engine, part, sorted(visits_)), by_encounter)
        elif part.type:
            found[part.name] = _spread(_by_source(engine, part, sorted({one.source for one in known if one.source})), by_source)
    return found


def _by_view(engine: Engine, part: Part, keys: list[str]) -> list[tuple[str, str]]:
    if not keys:
        return []
    where = f" AND ({part.where})" if part.where else ""
    sql = f"""SELECT DISTINCT "{part.key}", id FROM "{part.view}" WHERE "{part.key}" IN (SELECT unnest($keys)){where} ORDER BY ALL"""  # noqa: S608  SQL of specs
    return [(str(key), str(id_)) for key, id_ in engine.execute(sql, {"keys": keys}).fetchall()]


def _by_source(engine: Engine, part: Part, sources: list[str]) -> list[tuple[str, str]]:
    if not sources:
        return []
    key = f"'{part.type}/' || coalesce(given_id, id::VARCHAR)"
    sql = f"""SELECT source_id::VARCHAR, {key} FROM lake."{part.type}" WHERE source_id::VARCHAR IN (SELECT unnest($keys)) ORDER BY ALL"""  # noqa: S608  same
    return [(str(source), str(id_)) for source, id_ in engine.execute(sql, {"keys": sources}).fetchall()]


def _spread(pairs: Iterable[tuple[str, str]], events_of: Mapping[str, list[Ref]]) -> dict[Ref, list[Ref]]:
    found: dict[Ref, list[Ref]] = {}
    for key, id_ in pairs:
        for event in events_of[key]:
            found.setdefault(event, []).append(ref(id_))
    return found
