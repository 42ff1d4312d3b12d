"""What stands in a digest: a desk in plain words and numbers, in both languages, with the names its codes had that day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from yba import directory
from yba.kit import clock
from yba.specs.measures import Dimension
from yba.specs.reading import Words
from yba.warehouse.boards import number, period_words, value_of
from yba.warehouse.measures import State
from yba.warehouse.measures import period as read_period
from yba.warehouse.saying import detail_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.specs.boards import Tile
    from yba.specs.digests import Spec
    from yba.specs.measures import Target
    from yba.warehouse.alerts import Alert
    from yba.warehouse.boards import Desk, Place, Shown

FORM: Final = 1
_PROVINCE: Final = Words("Cả tỉnh", "The whole province")
_FAILED: Final = Words("chưa tính được", "not counted")
_NOTHING: Final = Words("chưa có số", "no number yet")


def content_of(spec: Spec, period: str, desk: Desk, alerts: Sequence[Alert], names: Mapping[str, str], *, most: int = 12) -> dict[str, Any]:
    """Lay out a digest as JSON: texts as {vi, en}, courses as numbers or null; ``most`` alerts by name.

    ``names`` by code of facility or commune; diseases and steps are called as on the last day of the period.
    """
    on = read_period(period).end - timedelta(days=1)
    chosen = [one for name in spec.tiles for one in desk.tiles if one.tile.measure == name] or list(desk.tiles)
    return {
        "form": FORM,
        "title": _both(spec.title),
        "period": _both(period_words(period)),
        "until": desk.until.astimezone(clock.VIETNAM).isoformat(timespec="minutes") if desk.until else "",
        "tiles": [_tile(one) for one in chosen],
        "worst": [_place(one, names, one.reason) for one in desk.worst],
        "improved": [_place(one, names, one.gain) for one in desk.improved],
        "alerts": [_alert(one, names, on) for one in alerts[:most]],
        "more": len(alerts[most:]),
        "notes": [_both(note) for note in dict.fromkeys(note for one in chosen for note in one.notes)],
    }


def names_of(conn: Connection[Any], *, by: Actor, desk: Desk, alerts: Iterable[Alert], on: date) -> dict[str, str]:
    """Return what the places of a desk and of alerts are called; what nobody named keeps its code."""
    places = (*desk.worst, *desk.improved)
    facilities = {one.code for one in places if one.dimension is Dimension.FACILITY} | {one.place.facility for one in alerts if one.place.facility}
    communes = {one.code for one in places if one.dimension is Dimension.COMMUNE} | {one.place.area for one in alerts if one.place.area}
    known = directory.facilities_at(conn, by=by, codes=sorted(facilities), on=on) if facilities else {}
    found = {code: one.name for code, one in known.items() if one.name}
    return found | {code: area.name for code in communes if (area := directory.commune(code, on))}


def _both(words: Words) -> dict[str, str]:
    return {"vi": words.vi, "en": words.en}


def _tile(shown: Shown) -> dict[str, Any]:
    tile, cell = shown.tile, shown.now
    has = cell is not None and cell.value is not None and cell.state is State.SHOWN
    why = Words("", "") if has else (cell.words or (_FAILED if cell.state is State.FAILED else _NOTHING)) if cell else _NOTHING
    before = {lang: value_of(tile, shown.before, lang) for lang in ("vi", "en")} if shown.before and shown.before.value is not None else None
    return {
        "measure": tile.measure,
        "title": _both(tile.title),
        "period": _both(period_words(shown.periods[-1])) if shown.periods else _both(_NOTHING),
        "value": {lang: value_of(tile, cell, lang) for lang in ("vi", "en")} if has else None,
        "why": _both(why),
        "target": tile.target.value if tile.target else None,
        "target_words": _aim(tile, tile.target) if tile.target else None,
        "reached": shown.meets,
        "before": before,
        "heard": cell.heard if cell else 0,
        "expected": cell.expected if cell else 0,
        "course": list(shown.values),
        "periods": list(shown.periods),
    }


def _aim(tile: Tile, target: Target) -> dict[str, str]:
    unit = tile.spec.unit
    return {"vi": f"{number(target.value, 'vi')} {unit.vi}", "en": f"{number(target.value, 'en')} {unit.en}"}


def _place(one: Place, names: Mapping[str, str], reason: Words) -> dict[str, Any]:
    name = _called(one.dimension, one.code, names)
    return {"name": _both(name), "tile": _both(one.tile.title), "words": _both(reason), "limit": one.limit.value}


def _called(dimension: Dimension, code: str, names: Mapping[str, str]) -> Words:
    if code in names:
        return Words(names[code], names[code])
    return Words(f"Cơ sở {code}", f"Facility {code}") if dimension is Dimension.FACILITY else Words(f"Xã {code}", f"Commune {code}")


def _alert(one: Alert, names: Mapping[str, str], on: date) -> dict[str, Any]:
    return {
        "title": _both(one.title), "place": _both(_where(one, names, on)), "words": _both(one.words), "severity": one.severity.value,
        "taken": one.acknowledged_at is not None,
    }  # fmt: skip


def _where(one: Alert, names: Mapping[str, str], on: date) -> Words:
    """Say what an alert is about: the place, and the disease or step where it is about one."""
    at = one.place
    where = _called(Dimension.FACILITY, at.facility, names) if at.facility else _called(Dimension.COMMUNE, at.area, names) if at.area else _PROVINCE
    if not at.detail or one.about is None:
        return where
    detail = detail_words(one.about, at.detail, on)
    return Words(f"{where.vi} – {detail.vi}", f"{where.en} – {detail.en}")
