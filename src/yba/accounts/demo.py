"""Demo accounts exist only where demo.marker says that a data folder is a demonstration; anywhere else they open nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yba.kit.errors import Conflict
from yba.kit.settings import VAR

from . import store_people

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg import Connection

    from yba.kit.actor import Actor

    Conn = Connection[tuple[Any, ...]]


def marker() -> Path:
    """Where the marker of a demo data folder stands."""
    return VAR() / "demo.marker"


def demo_allowed() -> bool:
    """Whether this data folder is a demonstration."""
    return marker().is_file()


def refuse_forgotten_demo(conn: Conn, *, by: Actor) -> None:  # noqa: ARG001  # the server asks before it serves
    """Refuse to serve a folder with demo accounts that does not say it is a demo. Raises Conflict."""
    count = 0 if demo_allowed() else store_people.demo_accounts(conn)
    if count:
        raise Conflict(
            f"{count} demo accounts in a data folder without demo.marker: it may hold real data.",
            advice="Use a fresh YBA_VAR for real intake; write the marker only where everything is synthetic.",
        )
