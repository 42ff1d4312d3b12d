"""Where each side table comes from: lines of CSV out of the rooms that own it, in the columns of specs/views/side.toml."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from yba import directory, ingest
from yba.specs.side import side_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.specs.side import SideTable

    Conn = Connection[tuple[Any, ...]]

WHOLE: Final = ""  # the part of a table that is not kept by month
_BY_MONTH: Final[dict[str, Callable[..., Iterator[bytes]]]] = {"intake_claim": ingest.received_claims, "intake_finding": ingest.received_findings}
_PACKAGED: Final = frozenset({"area"})  # comes with the software: looked at once a night


def tables() -> Iterable[SideTable]:
    """Return every side table."""
    return side_tables().values()


def parts(conn: Conn, *, by: Actor, table: SideTable, touched: ingest.Touched | None, standing: Iterable[str]) -> list[str]:
    """Name the parts of a table that may have changed; ``touched`` None: all of them, those that stand and hold nothing any more too."""
    if table.name in _PACKAGED and touched is not None and WHOLE in standing:
        return []
    if not table.by_month:
        return [WHOLE]
    months = {f"{one:%Y-%m}" for one in ingest.received_months(conn, by=by, since=touched)}
    return sorted(months | (set(standing) if touched is None else set()))


def lines(conn: Conn, *, by: Actor, table: SideTable, part: str) -> Iterator[bytes]:
    """Give out one part as CSV: NULL is nothing, an empty text is two quotes."""
    if table.by_month:
        return _BY_MONTH[table.name](conn, by=by, month=date.fromisoformat(f"{part}-01"))
    return directory.lines_of(conn, by=by, table=table.name)
