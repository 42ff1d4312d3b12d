"""Acts: a draft is opened, kept, finished or dropped; finishing stores the answers and what is extracted from them in one save."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from yba import access, audit, record
from yba.access import Denied, Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Conflict, NotFound
from yba.kit.ids import new_id

from . import store
from .checking import problems
from .deciding import settle
from .extracting import resources
from .kept import draft_of
from .known import prefill
from .laid_rows import known
from .model import Finished, Given, Problem
from .names import ANSWER, name_of
from .queries import KEEP
from .reading import posted
from .values import written

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .deciding import Settled
    from .model import Answers, Draft, Form, Place

OPEN: Final = "open"
MEANWHILE: Final = Problem(
    "", "", "kept-meanwhile", hard=True, vi="Người khác vừa lưu biểu mẫu này. Nội dung bạn nhập được giữ bên cạnh: hãy xem và chọn.",
    en="Somebody else kept this form meanwhile. What you typed is kept beside it: look and choose.",
)  # fmt: skip


def open_draft(
    conn: Connection[Any], *, by: Actor, form: Form, person_id: UUID, facility: str, visit: UUID | None = None, patient: str = "", encounter: str = ""
) -> Draft:
    """Return the open draft of a form, a person, a facility and a visit; a new one, with what is known filled in, when there is none.

    ``patient`` is the id of the Patient the answers will name (the facility's source Patient; else the golden one), ``encounter`` that of
    the Encounter. The person must be within reach of reading the record. Raises Denied.
    """
    access.require(by, Right.FORMS_DRAFT_KEEP, facility=facility)
    if not access.reaches(conn, by=by, right=Right.RECORD_CLINICAL_READ, person_id=person_id):
        raise Denied(Right.RECORD_CLINICAL_READ)
    seen = access.predicate(conn, by=by, right=KEEP, columns=store.DRAFTS)
    row = store.open_one(conn, seen, form.url, person_id, facility, visit)
    if row is None:
        found = prefill(conn, by=by, form=form, person_id=person_id)
        filled = {ANSWER + name_of((one.link_id, one.rows)): [written(form.items[one.link_id], one.value)] for one in found if one.filled}
        now = clock.now()
        fresh = store.Row(
            new_id(), form.url, form.version, person_id, facility, visit, patient or str(person_id), encounter, 1, OPEN, filled, by.name, by.name,
            now, "", [],
        )  # fmt: skip
        made = store.insert(conn, fresh, at=now)
        row = store.open_one(conn, seen, form.url, person_id, facility, visit)
        if made:
            audit.note(conn, by=by, tag=Tag.DRAFT_OPEN, about_type="Questionnaire", about_id=form.canonical, person_id=person_id, facility=facility)
    if row is None:  # another's draft of the same visit, out of reach
        raise Denied(KEEP)
    return draft_of(conn, row, store.beside(conn, seen, row.id))


def keep(conn: Connection[Any], *, by: Actor, draft: UUID, answers: Answers, number: int) -> Draft:
    """Keep answers; the number rises. Nothing is judged: half a number is kept as typed.

    When somebody else kept in between (``number`` is not the draft's), both are kept: the draft stays theirs and what was sent stands in
    the returned draft's ``aside``. Raises Conflict when the draft is done, NotFound, Denied.
    """
    row = _held(conn, by, draft)
    if row.state != OPEN:
        raise Conflict("Biểu mẫu này đã hoàn tất hoặc đã bỏ.", advice="This form is finished or dropped.")
    now = clock.now()
    kept = posted(draft_of(conn, row).form, answers)
    if number != row.number and row.kept_by != by.name:
        store.put_aside(conn, row, number=number, answers=kept, by=by.name, at=now)
    elif kept != row.answers:
        store.keep(conn, row.id, answers=kept, by=by.name, at=now)
    return _again(conn, by, draft)


def take(conn: Connection[Any], *, by: Actor, draft: UUID, aside_of: str | None) -> Draft:
    """Settle what stands beside a draft: take the answers kept beside it by somebody in its place, or (None) let them go."""
    row = _held(conn, by, draft)
    seen = access.predicate(conn, by=by, right=KEEP, columns=store.DRAFTS)
    chosen = next((one for one in store.beside(conn, seen, draft) if one.kept_by == aside_of), None)
    if chosen is not None and row.state == OPEN:
        store.keep(conn, draft, answers=chosen.answers, by=by.name, at=clock.now())
    store.clear_aside(conn, draft)
    return _again(conn, by, draft)


def drop(conn: Connection[Any], *, by: Actor, draft: UUID) -> None:
    """Let a draft go: nothing of it was in the record. Raises NotFound, Denied; dropped twice is once."""
    row = _held(conn, by, draft)
    if row.state == OPEN:
        store.end(conn, row.id, state="dropped", by=by.name, at=clock.now())
        store.clear_aside(conn, row.id)
        audit.note(
            conn,
            by=by,
            tag=Tag.DRAFT_DROP,
            about_type="Questionnaire",
            about_id=f"{row.form}|{row.version}",
            person_id=row.person_id,
            facility=row.facility,
        )


def finish(
    conn: Connection[Any], *, by: Actor, draft: UUID, answers: Answers, number: int, confirmed: Collection[str] = frozenset()
) -> Finished:  # fmt: skip
    """Store the answers as a QuestionnaireResponse with everything extracted from them, in one save; a second time gives the same.

    Nothing is stored while hard problems stand, or soft ones whose linkId or place is not in ``confirmed``: then `Finished.problems` says
    them and the answers are kept; so, with rule "kept-meanwhile", when somebody else kept the draft after ``number``. Raises NotStorable,
    Denied (no right to write this person's record), Conflict when it was dropped, NotFound.
    """
    row = _held(conn, by, draft)
    begun = draft_of(conn, row)
    if row.state == "finished":
        return Finished(begun, row.response, begun.resources, ())
    if row.state != OPEN:
        raise Conflict("Biểu mẫu này đã bỏ.", advice="This form was dropped.")
    if number != row.number and row.kept_by != by.name:
        return Finished(keep(conn, by=by, draft=draft, answers=answers, number=number), "", (), (MEANWHILE,))
    settled = settle(begun.form, answers, patient=_patient(conn, by, begun))
    wrong = [one for one in problems(settled) if one.hard or not {one.link_id, one.at} & set(confirmed)]
    wrong = [one for one in wrong if one.rule != "unknown"]
    if wrong:
        store.keep(conn, row.id, answers=posted(begun.form, answers), by=by.name, at=clock.now())
        return Finished(_again(conn, by, draft), "", (), tuple(wrong))
    return _stored(conn, by, begun, settled)


def _stored(conn: Connection[Any], by: Actor, begun: Draft, settled: Settled) -> Finished:
    made = resources(settled, draft=begun, by=by, at=clock.now(), held=_held_rows(conn, by, begun, settled))
    writes = [record.Write(doc["resourceType"], doc["id"], doc, facility=begun.facility) for doc in made.documents]
    saved = record.save(conn, by=by, writes=writes, reason=f"form {begun.form.name}")
    given = [Given(one.rtype, one.id, one.outcome) for one in saved]
    store.end(conn, begun.id, state="finished", by=by.name, at=clock.now(), response=saved[0].id, resources=given)
    store.clear_aside(conn, begun.id)
    done = replace(_again(conn, by, begun.id), answers=settled.answers)
    return Finished(done, saved[0].id, tuple(given), tuple(made.problems))


def _held_rows(conn: Connection[Any], by: Actor, begun: Draft, settled: Settled) -> frozenset[Place]:
    """Return the rows that say what stands in the record already, as it stands now: they are answers and no new facts."""
    if not any(item.population for item in begun.form.items.values()):
        return frozenset()
    return frozenset(known(begun.form, settled.values, prefill(conn, by=by, form=begun.form, person_id=begun.person_id)))


def _patient(conn: Connection[Any], by: Actor, begun: Draft) -> dict[str, Any] | None:
    found = record.get(conn, by=by, rtype="Patient", id=begun.patient)
    return found.exact if found is not None and not found.deleted else None


def _held(conn: Connection[Any], by: Actor, draft: UUID) -> store.Row:
    """Read a draft and hold it until the end of the transaction. Raises NotFound, Denied."""
    seen = access.predicate(conn, by=by, right=KEEP, columns=store.DRAFTS)
    row = store.get(conn, seen, draft, hold=True)
    if row is None:
        raise NotFound("Không có bản nháp này.", advice="There is no such draft.")
    return row


def _again(conn: Connection[Any], by: Actor, draft: UUID) -> Draft:
    seen = access.predicate(conn, by=by, right=KEEP, columns=store.DRAFTS)
    row = store.get(conn, seen, draft)
    if row is None:
        raise NotFound("Không có bản nháp này.", advice="There is no such draft.")
    return draft_of(conn, row, store.beside(conn, seen, draft))
