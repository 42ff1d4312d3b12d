"""Reads: drafts, answers that were finished, the province's own forms; under the right to keep drafts, or to read the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import access, record
from yba.access import Denied, Right
from yba.kit import clock
from yba.kit.errors import NotFound

from . import responses, store
from .kept import draft_of
from .registry import form as find_form

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Answers, Draft, Form

KEEP: Final = Right.FORMS_DRAFT_KEEP
_MOST: Final = 200


def draft(conn: Connection[Any], *, by: Actor, id: UUID) -> Draft:  # noqa: A002  # the contract's name
    """Return a draft with what was kept beside it. Raises NotFound, Denied."""
    seen = access.predicate(conn, by=by, right=KEEP, columns=store.DRAFTS)
    row = store.get(conn, seen, id)
    if row is None:
        raise NotFound("Không có bản nháp này.", advice="There is no such draft.")
    return draft_of(conn, row, store.beside(conn, seen, id))


def drafts(conn: Connection[Any], *, by: Actor, person_id: UUID | None = None, limit: int = _MOST) -> list[Draft]:
    """Return open drafts of the own facilities, newest first; of one person where it is named. Raises Denied."""
    seen = access.predicate(conn, by=by, right=KEEP, columns=store.DRAFTS)
    return [draft_of(conn, row) for row in store.listed(conn, seen, person_id, limit)]


def response_of(conn: Connection[Any], *, by: Actor, id: str) -> tuple[Form, Answers]:  # noqa: A002  # the contract's name
    """Return the form and the answers of a QuestionnaireResponse; reading them is reading the record. Raises NotFound, Denied."""
    if not access.holds(by, Right.RECORD_CLINICAL_READ):
        raise Denied(Right.RECORD_CLINICAL_READ)
    found = record.get(conn, by=by, rtype="QuestionnaireResponse", id=id)
    if found is None or found.deleted:
        raise NotFound("Không có phiếu này.", advice="There is no such QuestionnaireResponse.")
    doc = found.exact
    url, _, version = str(doc.get("questionnaire", "")).partition("|")
    form = find_form(url, version=version or None, on=clock.today(), conn=conn)
    return form, responses.read(form, doc)
