"""Where people live, as the source of their golden Patient tells it: what a station is responsible for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from . import store_residence
from .holding import require
from .rights import Right

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor


class Home(NamedTuple):
    """A person lives in a commune (code of 2025) at least since a moment; None: it is not known where."""

    person_id: UUID
    commune: str | None
    since: datetime


def reside_many(conn: Connection[Any], *, by: Actor, homes: Sequence[Home], fresh: bool = False) -> None:
    """Relate each person (named once) to the commune where it lives now; living elsewhere ends at that moment. Nothing is written of who stays.

    ``fresh``: the people were never written before, so it is one COPY. Not audited here: part of the act it rests on.
    """
    require(by, Right.ACCESS_RELATION_WRITE)
    if fresh:
        store_residence.copy(conn, [(home.since, home.person_id, home.commune) for home in homes if home.commune])
    elif homes:
        store_residence.move(conn, homes)
