"""The SQL of access reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .people import Assignment, Decision, Post, Review, ReviewItem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from psycopg import Connection

    Conn = Connection[tuple[Any, ...]]


def open_review(conn: Conn, *, review: UUID, facility: str, by: str, at: datetime, due: date, assignments: Sequence[UUID]) -> bool:
    """Open a review of these assignments; False when the facility has one that is not signed."""
    done = conn.execute(
        "INSERT INTO accounts_review (id, facility, opened_at, opened_by, due) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (review, facility, at, by, due),
    )
    if done.rowcount != 1:
        return False
    conn.execute("INSERT INTO accounts_review_item (review, assignment) SELECT %s, unnest(%s::uuid[])", (review, list(assignments)))
    return True


def last_opened(conn: Conn) -> dict[str, datetime]:
    """Read when the last review of each facility was opened."""
    return dict(conn.execute("SELECT facility, max(opened_at) FROM accounts_review GROUP BY facility").fetchall())


def reviews(conn: Conn, *, facilities: Sequence[str] | None, open_only: bool) -> list[Review]:
    """Read reviews, the one due first on top."""
    rows = conn.execute(
        "SELECT id, facility, opened_at, due, signed_at, coalesce(signed_by, ''), coalesce(signed_name, '') FROM accounts_review"
        " WHERE (%(facilities)s::text[] IS NULL OR facility = ANY(%(facilities)s)) AND (NOT %(open)s OR signed_at IS NULL) ORDER BY due, facility",
        {"facilities": None if facilities is None else list(facilities), "open": open_only},
    ).fetchall()
    return [_review(conn, row) for row in rows]


def review(conn: Conn, review_id: UUID) -> Review | None:
    """Read one review, and keep others from signing it until this unit ends."""
    row = conn.execute(
        "SELECT id, facility, opened_at, due, signed_at, coalesce(signed_by, ''), coalesce(signed_name, '') FROM accounts_review"
        " WHERE id = %s FOR UPDATE",
        (review_id,),
    ).fetchone()
    return _review(conn, row) if row else None


def _review(conn: Conn, row: tuple[Any, ...]) -> Review:
    review_id, facility, opened_at, due, signed_at, signed_by, signed_name = row
    return Review(review_id, facility, opened_at, due, signed_at, signed_by, signed_name, tuple(_items(conn, review_id)))


def _items(conn: Conn, review_id: UUID) -> list[ReviewItem]:
    rows = conn.execute(
        "SELECT a.id, a.account, a.role, a.facility, a.department, a.area, a.licence, a.person_id, a.starts, a.ends, a.granted_by, a.reason,"
        " coalesce(a.end_reason, ''), u.username, u.display_name, u.last_seen, i.decision, coalesce(i.decided_by, ''), i.words"
        " FROM accounts_review_item i JOIN accounts_assignment a ON a.id = i.assignment JOIN accounts_user u ON u.id = a.account"
        " WHERE i.review = %s ORDER BY u.username, a.role, a.starts",
        (review_id,),
    ).fetchall()
    return [_item(row) for row in rows]


def _item(row: tuple[Any, ...]) -> ReviewItem:
    assignment = Assignment(row[0], row[1], Post(*row[2:8]), *row[8:13])
    username, display_name, last_seen, decision, decided_by, words = row[13:]
    return ReviewItem(assignment, username, display_name, last_seen, Decision(decision) if decision else None, decided_by, words)


def decide(conn: Conn, *, review_id: UUID, assignment: UUID, decision: Decision, by: str, at: datetime, words: str) -> bool:
    """Keep the decision on one item of an unsigned review; False when it has no such item."""
    done = conn.execute(
        "UPDATE accounts_review_item i SET decision = %(decision)s, decided_by = %(by)s, decided_at = %(at)s, words = %(words)s"
        " FROM accounts_review r WHERE r.id = i.review AND r.signed_at IS NULL AND i.review = %(review)s AND i.assignment = %(assignment)s",
        {"decision": decision.value, "by": by, "at": at, "words": words, "review": review_id, "assignment": assignment},
    )
    return done.rowcount == 1


def sign(conn: Conn, *, review_id: UUID, by: str, name: str, at: datetime) -> None:
    """Sign a review off."""
    conn.execute(
        "UPDATE accounts_review SET signed_at = %s, signed_by = %s, signed_name = %s WHERE id = %s AND signed_at IS NULL", (at, by, name, review_id)
    )
