"""Paces of the edge in tests: a walk over every address asks more often than a person may."""

from yba.app.shield import limits
from yba.kit import Actor
from yba.kit.db import unit_of_work


def rest() -> None:
    """Let a minute pass for everybody's pace, in this process and in the database."""
    limits._held.clear()
    with unit_of_work(by=Actor.operator()) as conn:
        conn.execute("DELETE FROM accounts_pace")
