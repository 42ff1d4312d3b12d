"""The SQL of the desks; private to this room. Every read carries the predicate of the right it is read under."""

# ruff: noqa: S608  # statements are written from our own constants; no value is in their text

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple

import orjson

from yba import access

from .model import State, Visit, VisitAct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.reach import Predicate

    Conn = Connection[tuple[Any, ...]]

OURS: Final = access.Columns(person="person_id", facility="facility", labels=None, rtype=None, alias="f")
_VISIT: Final = (
    "f.id, f.person_id, f.patient_id, f.facility, f.department, f.kind, f.state, f.reason, f.programme, f.number, f.link, f.opened_by,"
    " f.opened_at, f.closed_at, f.priority"
)
_DESK: Final = 0x7962_05  # beside the locks of identity and record (0x7962_01 to 04)
_HOLD: Final = (
    "SELECT asked.id FROM (SELECT person_now(%(person)s) AS id OFFSET 0) AS asked,"
    " LATERAL (SELECT pg_advisory_xact_lock(%(desk)s, hashtext(%(facility)s::text || '/' || asked.id::text)) OFFSET 0) AS held"
)
_BEGUN: Final = (
    f"SELECT {_VISIT} FROM care_visit f CROSS JOIN LATERAL (SELECT %(key)s <> '' AND EXISTS (SELECT FROM care_act a WHERE a.visit = f.id"
    " AND a.key = %(key)s) AS sent OFFSET 0) AS b WHERE f.facility = %(facility)s AND f.person_id = %(person)s"
    " AND (b.sent OR (f.day = %(day)s AND f.state IN ('waiting', 'open'))) AND {seen} ORDER BY b.sent DESC, f.opened_at"
)
# One statement for what an act leaves: each is a round trip somebody at a desk waits for.
_ACTS: Final = (
    "INSERT INTO care_act (visit, number, at, who, kind, key, refs) SELECT %(visit)s::uuid, g.* FROM json_to_recordset(%(acts)s::json)"
    " AS g (number int, at timestamptz, who text, kind text, key text, refs text[])"
)
_ADD_DUE: Final = (
    "INSERT INTO care_due (id, person_id, patient_id, facility, kind, programme, due, visit, noted_at, state)"
    " SELECT g.*, 'open' FROM json_to_recordset(%(due)s::json) AS g (id uuid, person_id uuid, patient_id uuid, facility text, kind text,"
    " programme text, due date, visit uuid, noted_at timestamptz)"
)
_KEEP: Final = (
    "UPDATE care_due SET state = 'kept', kept_by = %(visit)s WHERE facility = %(facility)s AND person_id = %(person)s AND due <= %(day)s"
    " AND kind = 'appointment' AND state = 'open' AND visit <> %(visit)s"
)
_USED: Final = (
    "INSERT INTO care_use AS u (facility, list, code, times, last) SELECT %(facility)s::text, g.list, g.code, 1, %(day)s::date"
    " FROM json_to_recordset(%(used)s::json) AS g (list text, code text)"
    " ON CONFLICT (facility, list, code) DO UPDATE SET times = u.times + 1, last = excluded.last"
)
_BEGIN: Final = f"WITH acts AS ({_ACTS}), due AS ({_ADD_DUE}), kept AS ({_KEEP}), used AS ({_USED}) SELECT"
_GO_ON: Final = (
    f"WITH acts AS ({_ACTS}) UPDATE care_visit SET number = %(number)s, state = %(state)s, reason = %(reason)s, department = %(department)s,"
    " kind = %(kind)s, programme = %(programme)s, closed_at = %(closed_at)s, priority = %(priority)s WHERE id = %(visit)s"
)
_ACTED: Final = (
    "SELECT number, at, who, kind, refs, key <> '' AND key = %(key)s FROM care_act WHERE visit = %(visit)s"
    " AND (who = %(who)s OR (key <> '' AND key = %(key)s))"
)


class Due(NamedTuple):
    """A due item as it is written: of an appointment ``id`` is its Appointment's."""

    id: UUID
    person_id: UUID
    patient_id: UUID
    facility: str
    kind: str
    programme: str
    due: date
    visit: UUID
    noted_at: datetime


Told = tuple[VisitAct, str]  # an act and the key of the page that sent it


def _run(conn: Conn, statement: LiteralString, seen: Predicate, **given: object) -> list[tuple[Any, ...]]:
    return conn.execute(seen.into(statement), {**given, **seen.params}, prepare=True).fetchall()


def _visit(row: tuple[Any, ...]) -> Visit:
    return Visit._make((*row[:6], State(row[6]), *row[7:14], tuple(row[14])))


def hold_desk(conn: Conn, facility: str, person: UUID) -> UUID:
    """Hold a person at a facility until the transaction ends (of two who begin a visit the second finds the first's); return whom it means now."""
    row = conn.execute(_HOLD, {"desk": _DESK, "facility": facility, "person": person}, prepare=True).fetchone()
    return row[0] if row else person


def visit(conn: Conn, id_: UUID, seen: Predicate, *, lock: bool = False) -> Visit | None:
    """Read one visit, and hold it until the end of the transaction."""
    ending = " FOR UPDATE" if lock else ""
    found = _run(conn, f"SELECT {_VISIT} FROM care_visit f WHERE f.id = %(id)s AND {{seen}}{ending}", seen, id=id_)
    return _visit(found[0]) if found else None


def under_way(conn: Conn, facility: str, person: UUID, day: date, seen: Predicate, *, key: str = "") -> Visit | None:
    """Read the visit of a person at a facility in which a page was sent before, else the one that is not over and began on a day."""
    found = _run(conn, _BEGUN, seen, facility=facility, person=person, day=day, key=key)
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
        " opened_at, closed_at, priority, day) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (*one[:6], one.state.value, *one[7:14], list(one.priority), day),
        prepare=True,
    )


def begin(conn: Conn, one: Visit, day: date, told: Sequence[Told], *, due: Sequence[Due] = (), used: Sequence[tuple[str, str]] = ()) -> None:
    """Write what a new visit did: its acts, its due items, the codes (list, code) it chose; and the appointments up to the day are kept by it."""
    given = {"visit": one.id, "facility": one.facility, "person": one.person_id, "day": day, "acts": _acts(told), "due": _rows(due)}
    conn.execute(_BEGIN, {**given, "used": orjson.dumps([{"list": list_, "code": code} for list_, code in used]).decode()}, prepare=True)


def go_on(conn: Conn, one: Visit, told: Sequence[Told]) -> None:
    """Write number, state and what can change of a visit, and who did what."""
    changed = {name: getattr(one, name) for name in ("number", "reason", "department", "kind", "programme", "closed_at")}
    changed["priority"] = list(one.priority)
    conn.execute(_GO_ON, {**changed, "state": one.state.value, "visit": one.id, "acts": _acts(told)}, prepare=True)


def _acts(told: Sequence[Told]) -> str:
    return orjson.dumps([{**act._asdict(), "key": key} for act, key in told]).decode()


def _rows(rows: Sequence[Due]) -> str:
    return orjson.dumps([row._asdict() for row in rows]).decode()


def acts(conn: Conn, visit: UUID, *, after: int = 0) -> list[VisitAct]:
    """Read the acts of a visit that was seen, newest first."""
    found = conn.execute("SELECT number, at, who, kind, refs FROM care_act WHERE visit = %s AND number > %s ORDER BY number DESC", (visit, after))
    return [VisitAct(number, at, who, kind, tuple(refs)) for number, at, who, kind, refs in found]


def acted(conn: Conn, visit: UUID, who: str, key: str) -> tuple[VisitAct | None, bool]:
    """Read the act that a page was sent for before ("" none), and whether somebody has acted in the visit at all."""
    found = conn.execute(_ACTED, {"visit": visit, "who": who, "key": key}, prepare=True).fetchall()
    before = next((VisitAct(number, at, name, kind, tuple(refs)) for number, at, name, kind, refs, same in found if same), None)
    return before, any(row[2] == who for row in found)


def add_due(conn: Conn, row: Due) -> None:
    """Write a due item."""
    conn.execute(_ADD_DUE, {"due": _rows([row])})


def give_back_due(conn: Conn, visit: UUID) -> None:
    """Open again what a cancelled visit had kept, and cancel what it had made."""
    conn.execute("UPDATE care_due SET state = 'open', kept_by = NULL WHERE kept_by = %s", (visit,))
    conn.execute("UPDATE care_due SET state = 'cancelled' WHERE visit = %s AND state = 'open'", (visit,))


def close_due(conn: Conn, id_: UUID, kinds: Sequence[str], seen: Predicate) -> tuple[UUID, str, UUID | None] | None:
    """Take one item of some kinds from the list and return its (person, facility, visit); None when it is not there any more."""
    where = "f.id = %(id)s AND f.kind = ANY (%(kinds)s) AND f.state = 'open'"
    text = f"UPDATE care_due f SET state = 'kept' WHERE {where} AND {{seen}} RETURNING f.person_id, f.facility, f.visit"
    found = _run(conn, text, seen, id=id_, kinds=list(kinds))
    return found[0] if found else None


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
    used = orjson.dumps([{"list": list_, "code": code} for code in sorted(set(codes))]).decode()
    conn.execute(_USED, {"facility": facility, "day": day, "used": used}, prepare=True)


def favourites(conn: Conn, facility: str, list_: str, limit: int) -> list[str]:
    """Read the codes a facility chose most, as far as row security shows."""
    found = conn.execute(
        "SELECT code FROM care_use WHERE facility = %s AND list = %s ORDER BY times DESC, last DESC, code LIMIT %s", (facility, list_, limit)
    )
    return [row[0] for row in found]


def to_write(conn: Conn, by: Actor) -> Predicate:
    """Open the tables of the desks as far as the right to write in visits reaches."""
    return access.predicate(conn, by=by, right=access.Right.CARE_VISIT_WRITE, columns=OURS)


def cancel_due(conn: Conn, id_: UUID) -> None:
    """Cancel a due item whose appointment is taken back."""
    conn.execute("UPDATE care_due SET state = 'cancelled' WHERE id = %s AND state = 'open'", (id_,))


def open_due(conn: Conn, id_: UUID) -> None:
    """Open a due item again whose appointment is restored."""
    conn.execute("UPDATE care_due SET state = 'open' WHERE id = %s AND state = 'cancelled'", (id_,))
