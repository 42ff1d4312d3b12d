"""A row of a draft -> a draft: its form is the version it was begun with, in force or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yba.kit import clock

from .model import Aside, Draft, Given
from .reading import answers
from .registry import form, in_force

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg import Connection

    from .store import Beside, Row


def draft_of(conn: Connection[Any], row: Row, beside: Iterable[Beside] = ()) -> Draft:
    """Return the draft of a row. Raises NotFound where its form is not held any more at all."""
    found = form(row.form, version=row.version, conn=conn)
    return Draft(
        id=row.id,
        form=found,
        person_id=row.person_id,
        facility=row.facility,
        visit=row.visit,
        patient=row.patient,
        encounter=row.encounter,
        number=row.number,
        state=row.state,
        opened_by=row.opened_by,
        by=row.kept_by,
        kept_at=row.kept_at,
        answers=answers(found, row.answers),
        withdrawn=not in_force(found, clock.today()),
        aside=tuple(Aside(one.kept_by, one.kept_at, answers(found, one.answers)) for one in beside),
        response=row.response,
        resources=tuple(Given(*one) for one in row.resources),
    )
