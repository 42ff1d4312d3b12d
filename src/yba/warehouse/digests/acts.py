"""Making digests and reading them: what is due, one of a period, the list, one as paper."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba import access, audit
from yba.access import Columns, Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.kit.ids import new_id
from yba.specs.boards import label
from yba.specs.digests import digests
from yba.warehouse import alerts
from yba.warehouse.boards import desk
from yba.warehouse.measures import period as read_period

from . import store
from .content import content_of, names_of
from .paper import paper

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Digest

    Conn = Connection[Any]

COLUMNS: Final = Columns(person=None, facility=None, labels=None, rtype=None)
_DAY: Final = timedelta(days=1)
_ALERTS: Final = 500  # counted; a dozen stand on paper by name, the page has them all


def due(*, by: Actor, on: date | None = None) -> list[tuple[str, str]]:
    """Return (digest, period) of the last period of each digest that has ended, where there is none yet. Raises Denied."""
    today = on or clock.today()
    wanted = [(name, label(spec.every, today, 1)) for name, spec in digests().items()]
    with unit_of_work(by=by) as conn:
        seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_DIGEST_READ, columns=COLUMNS)
        return [one for one in wanted if not store.find(conn, seen, digest=one[0], period=one[1], limit=1)]


def make(*, by: Actor, name: str, period: str = "", again: bool = False) -> Digest:
    """Make the digest of a period that has ended (the last one) and keep it; one there is already is given as it is, unless ``again``.

    Raises NotFound (no such digest, no lake), Invalid (a period of another kind, or one that goes on), Conflict (two at once), Denied.
    """
    access.require(by, Right.WAREHOUSE_DIGEST_MAKE)
    spec = digests().get(name)
    if spec is None:
        raise NotFound(f"there is no digest {name[:40]!r}.", advice=f"There are {', '.join(digests())}.")
    asked = read_period(period or label(spec.every, clock.today(), 1))
    if asked.kind is not spec.every or asked.end > clock.today():
        raise Invalid(f"{asked.label} is no {spec.every} that has ended.", advice=f"The last one is {label(spec.every, clock.today(), 1)}.")
    with unit_of_work(by=by) as conn:
        seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_DIGEST_READ, columns=COLUMNS)
        kept = store.find(conn, seen, digest=name, period=asked.label, limit=1)
    if kept and not again:
        return kept[0]
    last = asked.end - _DAY
    shown = desk(spec.board, by=by, on=last, over=True)
    with unit_of_work(by=by) as conn:
        standing = alerts.standing(conn, by=by, limit=_ALERTS)
        content = content_of(spec, asked.label, shown, standing, names_of(conn, by=by, desk=shown, alerts=standing, on=last))
        given = {
            "id": new_id(), "digest": name, "period": asked.label, "made_at": clock.now(), "made_by": by.name, "until": shown.until or clock.now(),
            "content": orjson.dumps(content).decode(), "pdf": paper(content, "vi"),
        }  # fmt: skip
        made = store.add(conn, given)
        if made is None:
            raise Conflict("somebody is making the same digest.", advice="Look at the list.")
        detail = {"digest": name, "period": asked.label, "number": made.number, "sha256": made.sha256}
        audit.note(
            conn, by=by, tag=Tag.DIGEST_MAKE, about_type="Digest", about_id=str(made.id), detail=detail, under=Right.WAREHOUSE_DIGEST_MAKE.value
        )
    return made


def listed(conn: Conn, *, by: Actor, name: str = "", limit: int = 60) -> list[Digest]:
    """List the digests there are, the newest first; not noted: what is read of one is. Raises Denied."""
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_DIGEST_READ, columns=COLUMNS)
    return store.find(conn, seen, digest=name, limit=limit)


def pdf(conn: Conn, *, by: Actor, id: UUID, lang: str = "vi") -> tuple[Digest, bytes]:  # noqa: A002  what it is called
    """Read one as a PDF: the kept bytes, in English set from the kept content. Noted in the trail. Raises NotFound, Denied."""
    seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_DIGEST_READ, columns=COLUMNS)
    found = store.whole(conn, seen, id)
    if found is None:
        raise NotFound("Không có bản tin này.", advice="There is no such digest.")
    digest, content, kept = found
    detail = {"digest": digest.name, "period": digest.period, "number": digest.number, "lang": lang}
    audit.note(conn, by=by, tag=Tag.DIGEST_READ, about_type="Digest", about_id=str(id), detail=detail, under=Right.WAREHOUSE_DIGEST_READ.value)
    return digest, kept if lang == "vi" else paper(orjson.loads(content), lang)
