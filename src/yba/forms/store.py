"""The SQL of drafts and of the province's own forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from psycopg import sql
from psycopg.types.json import Jsonb

from yba.access import Columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

    Conn = Connection[tuple[Any, ...]]

DRAFTS: Final = Columns(person="person_id", facility="facility", labels=None, rtype=None)
_COLUMNS: Final = (
    "id, form, version, person_id, facility, visit, patient, encounter, number, state, answers::text, opened_by, kept_by, kept_at, response,"
    " resources::text"
)


class Row(NamedTuple):
    """One draft as it is kept."""

    id: UUID
    form: str
    version: str
    person_id: UUID
    facility: str
    visit: UUID | None
    patient: str
    encounter: str
    number: int
    state: str
    answers: dict[str, list[str]]
    opened_by: str
    kept_by: str
    kept_at: datetime
    response: str
    resources: list[list[str]]


class Beside(NamedTuple):
    """Answers kept beside a draft."""

    kept_by: str
    kept_at: datetime
    answers: dict[str, list[str]]


def _row(found: Sequence[Any]) -> Row:
    """A row whose JSON came as text (Django's connection leaves it so)."""
    *plain, answers, opened_by, kept_by, kept_at, response, resources = found
    return Row._make((*plain, orjson.loads(answers), opened_by, kept_by, kept_at, response, orjson.loads(resources)))


_NEW: Final = """
INSERT INTO form_draft (
    id, form, version, person_id, facility, visit, patient, encounter, number, state, answers, opened_by, opened_at, kept_by, kept_at)
VALUES (
    %(id)s, %(form)s, %(version)s, %(person)s, %(facility)s, %(visit)s, %(patient)s, %(encounter)s, 1, 'open', %(answers)s, %(by)s, %(at)s,
    %(by)s, %(at)s)
ON CONFLICT (person_id, form, facility, coalesce(visit, '00000000-0000-0000-0000-000000000000')) WHERE state = 'open' DO NOTHING
RETURNING id
"""


def insert(conn: Conn, row: Row, *, at: datetime) -> bool:
    """Keep a new draft; False when that form is open for the person there already."""
    given = {
        "id": row.id, "form": row.form, "version": row.version, "person": row.person_id, "facility": row.facility, "visit": row.visit,
        "patient": row.patient, "encounter": row.encounter, "answers": Jsonb(row.answers), "by": row.opened_by, "at": at,
    }  # fmt: skip
    return conn.execute(_NEW, given).fetchone() is not None


def open_one(conn: Conn, seen: Predicate, form: str, person: UUID, facility: str, visit: UUID | None) -> Row | None:
    """Find the open draft of a form, a person and a visit."""
    text = sql.SQL(
        "SELECT {columns} FROM form_draft WHERE state = 'open' AND form = %(form)s AND person_id = %(person)s AND facility = %(facility)s"
        " AND visit IS NOT DISTINCT FROM %(visit)s AND {seen}"
    ).format(columns=sql.SQL(_COLUMNS), seen=seen.sql)
    row = conn.execute(text, {**seen.params, "form": form, "person": person, "facility": facility, "visit": visit}).fetchone()
    return _row(row) if row else None


def get(conn: Conn, seen: Predicate, id_: UUID, *, hold: bool = False) -> Row | None:
    """Read a draft; ``hold``: nobody else keeps or finishes it until the end of the transaction."""
    text = sql.SQL("SELECT {columns} FROM form_draft WHERE id = %(id)s AND {seen}{hold}").format(
        columns=sql.SQL(_COLUMNS), seen=seen.sql, hold=sql.SQL(" FOR UPDATE" if hold else "")
    )
    row = conn.execute(text, {**seen.params, "id": id_}).fetchone()
    return _row(row) if row else None


def listed(conn: Conn, seen: Predicate, person: UUID | None, limit: int) -> list[Row]:
    """List open drafts, newest first."""
    text = sql.SQL(
        "SELECT {columns} FROM form_draft WHERE state = 'open' AND (%(person)s::uuid IS NULL OR person_id = %(person)s) AND {seen}"
        " ORDER BY kept_at DESC LIMIT %(limit)s"
    ).format(columns=sql.SQL(_COLUMNS), seen=seen.sql)
    return [_row(row) for row in conn.execute(text, {**seen.params, "person": person, "limit": limit})]


def keep(conn: Conn, id_: UUID, *, answers: Mapping[str, Sequence[str]], by: str, at: datetime) -> int:
    """Put answers in the place of those kept; the new number."""
    row = conn.execute(
        "UPDATE form_draft SET answers = %s, kept_by = %s, kept_at = %s, number = number + 1 WHERE id = %s RETURNING number",
        (Jsonb(answers), by, at, id_),
    ).fetchone()
    return int(row[0]) if row else 0


def put_aside(conn: Conn, row: Row, *, number: int, answers: Mapping[str, Sequence[str]], by: str, at: datetime) -> None:
    """Keep answers beside a draft; of one person the newest."""
    conn.execute(
        "INSERT INTO form_draft_aside (draft, number, answers, kept_by, kept_at, person_id, facility) VALUES (%s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (draft, kept_by) DO UPDATE SET number = EXCLUDED.number, answers = EXCLUDED.answers, kept_at = EXCLUDED.kept_at",
        (row.id, number, Jsonb(answers), by, at, row.person_id, row.facility),
    )


def beside(conn: Conn, seen: Predicate, id_: UUID) -> list[Beside]:
    """Read what was kept beside a draft."""
    text = sql.SQL("SELECT kept_by, kept_at, answers::text FROM form_draft_aside WHERE draft = %(id)s AND {seen} ORDER BY kept_at").format(
        seen=seen.sql
    )
    return [Beside(by, at, orjson.loads(answers)) for by, at, answers in conn.execute(text, {**seen.params, "id": id_})]


def clear_aside(conn: Conn, id_: UUID, by: str | None = None) -> None:
    """Forget what was kept beside a draft: it was looked at, or the draft is done."""
    conn.execute("DELETE FROM form_draft_aside WHERE draft = %s AND (%s::text IS NULL OR kept_by = %s)", (id_, by, by))


def end(conn: Conn, id_: UUID, *, state: str, by: str, at: datetime, response: str = "", resources: Sequence[Sequence[str]] = ()) -> None:
    """Finish or drop a draft; its answers go, because what is finished stands in the record."""
    conn.execute(
        "UPDATE form_draft SET state = %s, kept_by = %s, kept_at = %s, response = %s, resources = %s, answers = '{}' WHERE id = %s",
        (state, by, at, response, Jsonb([list(one) for one in resources]), id_),
    )


# --- followers ---------------------------------------------------------------------------------------------------------------------------


def of_person(conn: Conn, person: UUID) -> list[tuple[UUID, str, str]]:
    """List the drafts of a person: id, facility, Patient."""
    return [tuple(row) for row in conn.execute("SELECT id, facility, patient FROM form_draft WHERE person_id = %s", (person,))]


def give(conn: Conn, drafts: Sequence[UUID], taker: UUID) -> None:
    """Let drafts be another person's; of two open ones of the same form the one that comes is put aside as dropped."""
    conn.execute(
        "UPDATE form_draft d SET state = 'dropped' WHERE d.id = ANY (%(drafts)s) AND d.state = 'open' AND EXISTS (SELECT FROM form_draft o"
        " WHERE o.person_id = %(taker)s AND o.state = 'open' AND (o.form, o.facility) = (d.form, d.facility)"
        " AND o.visit IS NOT DISTINCT FROM d.visit)",
        {"drafts": list(drafts), "taker": taker},
    )
    conn.execute("UPDATE form_draft SET person_id = %s WHERE id = ANY (%s)", (taker, list(drafts)))
    conn.execute("UPDATE form_draft_aside SET person_id = %s WHERE draft = ANY (%s)", (taker, list(drafts)))


def standing(conn: Conn, people: Sequence[UUID]) -> str:
    """Return a mark that changes when a draft of these people does."""
    row = conn.execute(
        "SELECT md5(coalesce(string_agg(id::text || number || state, ',' ORDER BY id), '')) FROM form_draft WHERE person_id = ANY (%s)",
        (list(people),),
    ).fetchone()
    return str(row[0]) if row else ""


# --- the province's own forms ----------------------------------------------------------------------------------------------------------------


class Own(NamedTuple):
    """One version of a form the province made itself."""

    url: str
    version: str
    valid_from: date
    valid_to: date | None
    state: str
    questionnaire: dict[str, Any]
    added_by: str
    added_at: datetime


_OWN: Final = "url, version, valid_from, valid_to, state, questionnaire, added_by, added_at"


def own_forms(conn: Conn, url: str | None = None) -> list[Own]:
    """Read the province's own forms, versions oldest first."""
    text = (
        "SELECT url, version, valid_from, valid_to, state, questionnaire::text, added_by, added_at FROM form_own"
        " WHERE %s::text IS NULL OR url = %s ORDER BY url, valid_from, version"
    )
    return [Own._make((*row[:5], orjson.loads(row[5]), *row[6:])) for row in conn.execute(text, (url, url))]


def put_own(conn: Conn, one: Own) -> bool:
    """Add a version; False when that one is there already and not a draft."""
    found = conn.execute(
        f"INSERT INTO form_own ({_OWN}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (url, version) DO UPDATE SET"  # noqa: S608  # same
        " questionnaire = EXCLUDED.questionnaire, valid_from = EXCLUDED.valid_from, state = EXCLUDED.state, added_by = EXCLUDED.added_by,"
        " added_at = EXCLUDED.added_at WHERE form_own.state = 'draft' RETURNING url",
        (*one._replace(questionnaire=Jsonb(one.questionnaire)),),  # type: ignore[arg-type]
    ).fetchone()
    return found is not None


def set_state(conn: Conn, url: str, version: str, *, state: str, valid_to: date | None) -> bool:
    """Publish or retire a version."""
    row = conn.execute(
        "UPDATE form_own SET state = %s, valid_to = coalesce(%s, valid_to) WHERE (url, version) = (%s, %s) RETURNING url",
        (state, valid_to, url, version),
    ).fetchone()
    return row is not None
