"""The SQL of the desks; private to this room. Every read carries the predicate of the right it is read under."""

# ruff: noqa: S608  # statements are written from our own constants; no value is in their text

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

from yba import access

from .model import State, Visit, VisitAct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.reach import Predicate

    Conn = Connection[tuple[Any, ...]]

OURS: Final = access.Columns(person="person_id", facility="facility", labels=None, rtype=None, alias="f")
_VISIT: Final = (
    "f.id, f.person_id, f.patient_id, f.facility, f.department, f.kind, f.state, f.reason, f.programme, f.number, f.link, f.opened_by,"
    " f.opened_at, f.closed_at"
)
_DESK: Final = 0x7962_05  # beside the locks of identity and record (0x7962_01 to 04)


def _run(conn: Conn, statement: str, seen: Predicate, **given: object) -> list[tuple[Any, ...]]:
    return conn.execute(sql.SQL(statement).format(seen=seen.sql), {**given, **seen.params}).fetchall()  # our own constants


def _visit(row: tuple[Any, ...]) -> Visit:
    return Visit._make((*row[:6], State(row[6]), *row[7:]))


def hold_desk(conn: Conn, facility: str, person: UUID) -> None:
    """Hold (facility, person) until the end of the transaction: of two who begin a visit the second finds the first's."""
    conn.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_DESK, f"{facility}/{person}"))


def visit(conn: Conn, id_: UUID, seen: Predicate, *, lock: bool = False) -> Visit | None:
    """Read one visit, and hold it until the end of the transaction."""
    ending = " FOR UPDATE" if lock else ""
    found = _run(conn, f"SELECT {_VISIT} FROM care_visit f WHERE f.id = %(id)s AND {{seen}}{ending}", seen, id=id_)
    return _visit(found[0]) if found else None


def under_way(conn: Conn, facility: str, person: UUID, day: date, seen: Predicate) -> Visit | None:
    """Read the visit of a person at a facility that is not over and began on a day."""
    where = "f.facility = %(facility)s AND f.person_id = %(person)s AND f.day = %(day)s AND f.state IN ('waiting', 'open')"
    found = _run(
        conn, f"SELECT {_VISIT} FROM care_visit f WHERE {where} AND {{seen}} ORDER BY f.opened_at", seen, facility=facility, person=person, day=day
    )
    return _visit(found[0]) if found else None


def of_person(conn: Conn, person: UUID, seen: Predicate, limit: int) -> list[Visit]:
    """Read the visits of a person, newest first."""
    text = f"SELECT {_VISIT} FROM care_visit f WHERE f.person_id = %(person)s AND {{seen}} ORDER BY f.opened_at DESC LIMIT %(limit)s"
    return [_visit(row) for row in _run(conn, text, seen, person=person, limit=limit)]


def queue(conn: Conn, facility: str, day: date, seen: Predicate) -> list[Visit]:
    """Read the visits at a facility that are not over, of a day and those of the week before that nobody has closed, in the order they came."""
    where = "f.facility = %(facility)s AND f.day <= %(day)s AND f.day > %(day)s - 7 AND f.state IN ('waiting', 'open')"
    text = f"SELECT {_VISIT} FROM care_visit f WHERE {where} AND {{seen}} ORDER BY f.opened_at, f.id"
    return [_visit(row) for row in _run(conn, text, seen, facility=facility, day=day)]


def add_visit(conn: Conn, one: Visit, day: date) -> None:
    """Write a new visit."""
    conn.execute(
        "INSERT INTO care_visit (id, person_id, patient_id, facility, department, kind, state, reason, programme, number, link, opened_by,"
        " opened_at, closed_at, day) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (*one[:6], one.state.value, *one[7:], day),
    )


def change_visit(conn: Conn, one: Visit) -> None:
    """Write number, state and what can change of a visit."""
    conn.execute(
        "UPDATE care_visit SET number = %s, state = %s, reason = %s, department = %s, kind = %s, programme = %s, closed_at = %s WHERE id = %s",
        (one.number, one.state.value, one.reason, one.department, one.kind, one.programme, one.closed_at, one.id),
    )


def add_act(conn: Conn, visit: UUID, act: VisitAct, key: str) -> None:
    """Write who did what."""
    conn.execute(
        "INSERT INTO care_act (visit, number, at, who, kind, key, refs) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (visit, act.number, act.at, act.who, act.kind, key, list(act.refs)),
    )


def acts(conn: Conn, visit: UUID, *, after: int = 0) -> list[VisitAct]:
    """Read the acts of a visit that was seen, newest first."""
    found = conn.execute("SELECT number, at, who, kind, refs FROM care_act WHERE visit = %s AND number > %s ORDER BY number DESC", (visit, after))
    return [VisitAct(number, at, who, kind, tuple(refs)) for number, at, who, kind, refs in found]


def act_by_key(conn: Conn, visit: UUID, key: str) -> VisitAct | None:
    """Read the act that a page was sent for before."""
    row = conn.execute("SELECT number, at, who, kind, refs FROM care_act WHERE visit = %s AND key = %s", (visit, key)).fetchone()
    return VisitAct(row[0], row[1], row[2], row[3], tuple(row[4])) if row else None


def add_due(conn: Conn, row: Sequence[object]) -> None:
    """Write a due item: id, person, patient, facility, kind, programme, due, visit, moment."""
    conn.execute(
        "INSERT INTO care_due (id, person_id, patient_id, facility, kind, programme, due, state, visit, noted_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, 'open', %s, %s)",
        tuple(row),
    )


def keep_due(conn: Conn, facility: str, person: UUID, until: date, visit: UUID) -> None:
    """Let the appointments of a person at a facility up to a day be kept by a visit; a visit's own are not."""
    conn.execute(
        "UPDATE care_due SET state = 'kept', kept_by = %(visit)s WHERE facility = %(facility)s AND person_id = %(person)s AND due <= %(until)s"
        " AND kind = 'appointment' AND state = 'open' AND visit <> %(visit)s",
        {"facility": facility, "person": person, "until": until, "visit": visit},
    )


def give_back_due(conn: Conn, visit: UUID) -> None:
    """Open again what a cancelled visit had kept, and cancel what it had made."""
    conn.execute("UPDATE care_due SET state = 'open', kept_by = NULL WHERE kept_by = %s", (visit,))
    conn.execute("UPDATE care_due SET state = 'cancelled' WHERE visit = %s AND state = 'open'", (visit,))


def close_due(conn: Conn, id_: UUID, seen: Predicate) -> bool:
    """Take one item from the list; False when it is not there any more."""
    return bool(_run(conn, "UPDATE care_due f SET state = 'kept' WHERE f.id = %(id)s AND f.state = 'open' AND {seen} RETURNING f.id", seen, id=id_))


def due(conn: Conn, facility: str, until: date, limit: int, seen: Predicate) -> list[tuple[Any, ...]]:
    """Read (id, person, kind, programme, due, visit, noted) of what is open up to a day, the longest due first."""
    text = (
        "SELECT f.id, f.person_id, f.kind, f.programme, f.due, f.visit, f.noted_at FROM care_due f"
        " WHERE f.facility = %(facility)s AND f.state = 'open' AND f.due <= %(until)s AND {seen} ORDER BY f.due, f.noted_at LIMIT %(limit)s"
    )
    return _run(conn, text, seen, facility=facility, until=until, limit=limit)


def coming(conn: Conn, person: UUID, seen: Predicate) -> list[tuple[Any, ...]]:
    """Read (id, facility, programme, due) of a person's open appointments."""
    text = (
        "SELECT f.id, f.facility, f.programme, f.due FROM care_due f WHERE f.person_id = %(person)s AND f.state = 'open' AND f.kind = 'appointment'"
        " AND {seen} ORDER BY f.due"
    )
    return _run(conn, text, seen, person=person)


def use(conn: Conn, facility: str, list_: str, codes: Iterable[str], day: date) -> None:
    """Count codes that were chosen, in one order."""
    for code in sorted(set(codes)):
        conn.execute(
            "INSERT INTO care_use AS u (facility, list, code, times, last) VALUES (%s, %s, %s, 1, %s)"
            " ON CONFLICT (facility, list, code) DO UPDATE SET times = u.times + 1, last = excluded.last",
            (facility, list_, code, day),
        )


def favourites(conn: Conn, facility: str, list_: str, limit: int) -> list[str]:
    """Read the codes a facility chose most, as far as row security shows."""
    found = conn.execute(
        "SELECT code FROM care_use WHERE facility = %s AND list = %s ORDER BY times DESC, last DESC, code LIMIT %s", (facility, list_, limit)
    )
    return [row[0] for row in found]


def to_write(conn: Conn, by: Actor) -> Predicate:
    """Open the tables of the desks as far as the right to write in visits reaches."""
    return access.predicate(conn, by=by, right=access.Right.CARE_VISIT_WRITE, columns=OURS)


def visit_by_key(conn: Conn, facility: str, person: UUID, key: str) -> UUID | None:
    """Find the visit of a person at a facility in which a page was sent before; as far as row security shows."""
    row = conn.execute(
        "SELECT v.id FROM care_visit v JOIN care_act a ON a.visit = v.id AND a.key = %s WHERE v.facility = %s AND v.person_id = person_now(%s)",
        (key, facility, person),
    ).fetchone()
    return row[0] if row else None


def has_acted(conn: Conn, visit: UUID, who: str) -> bool:
    """Whether somebody has acted in a visit before."""
    row = conn.execute("SELECT EXISTS (SELECT FROM care_act WHERE visit = %s AND who = %s)", (visit, who)).fetchone()
    return bool(row and row[0])


def cancel_due(conn: Conn, id_: UUID) -> None:
    """Cancel a due item whose appointment is taken back."""
    conn.execute("UPDATE care_due SET state = 'cancelled' WHERE id = %s AND state = 'open'", (id_,))
