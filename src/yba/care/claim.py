"""The claim of a visit: written by the tables the gateway reads by, from what the desk wrote into the record."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba import accounts, audit, directory, identity, record
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Conflict, NotFound
from yba.kit.platform import platform
from yba.kit.text import fold
from yba.specs import claims
from yba.specs.claims_writer import write_envelope

from . import store
from .acts import WRITE
from .claim_lines import asked, charged
from .claim_rows import rows
from .claim_words import Content
from .costs import summed
from .model import Doubt, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .costs import Costs
    from .model import Visit

FAMILY: Final = "130"
_USER: Final = "user:"


def claim(conn: Connection[Any], *, by: Actor, visit: UUID) -> bytes:
    """Return the GIAMDINHHS file of a closed visit, in the edition of the day it ended; our own gateway reads it back.

    What each line costs the facility's price list says (`directory.load_prices`); the trail says by which documents, and how many lines have no
    price. Raises NotFound, Conflict for a visit that is not closed, Denied; noted in the trail.
    """
    found = store.visit(conn, visit, store.to_write(conn, by))
    if found is None:
        raise NotFound("Không có lượt khám này.", advice="There is no such visit, or it is another facility's.")
    if found.state is not State.CLOSED or found.closed_at is None:
        raise Conflict("Lượt khám chưa đóng.", advice="Close the visit first.")
    shape = claims.in_force(found.closed_at.astimezone(clock.VIETNAM).date(), FAMILY)
    if shape is None:
        raise Conflict("Chưa có mẫu hồ sơ cho ngày này.", advice="No decision was in force on that day.")
    content = _content(conn, by, found)
    tables, lines = rows(content, shape), charged(content)
    offers = [one.offer for one in (*lines.drugs, *lines.services)]
    unpriced, lists = sum(one.amount is None for one in offers), sorted({one.document for one in offers if one.document})
    audit.note(
        conn, by=by, tag=Tag.CLAIM_WRITE, about_type="Encounter", about_id=found.encounter, person_id=found.person_id, facility=found.facility,
        under=WRITE.value, detail={"decision": shape.decision, "prices": lists, "unpriced": unpriced},
    )  # fmt: skip
    return write_envelope(shape.decision, found.facility, found.closed_at.astimezone(clock.VIETNAM).strftime("%Y%m%d"), [tables])


def _content(conn: Connection[Any], by: Actor, visit: Visit) -> Content:
    acts = store.acts(conn, visit.id)[::-1]
    refs = dict.fromkeys(_ref(one) for act in acts for one in act.refs)
    patient = record.golden_patients(conn, by=by, person_ids=[visit.person_id]).get(visit.person_id)
    with platform(by) as (inner, who):  # whole, or it would lie: what is restricted too, whoever closes the visit
        stored = record.to_change(inner, by=who, refs=refs)
        local = identity.number_at(inner, by=who, person_id=visit.person_id, facility=visit.facility)
        licences = _licences(inner, who, visit.facility, {act.who for act in acts})
    docs = [stored[ref] for ref in refs if ref in stored]
    return Content(visit, local or f"lk:{visit.link}", patient.doc if patient else {}, docs, licences, *_place(conn, by, visit, docs))


def _place(conn: Connection[Any], by: Actor, visit: Visit, docs: Sequence[dict[str, Any]]) -> tuple[str, list[directory.Price]]:
    """Return the kind of facility, folded ("" unknown), and the prices that are in force there when the visit ends."""
    on = (visit.closed_at or clock.now()).astimezone(clock.VIETNAM).date()
    known = directory.facility_at(conn, by=by, code=visit.facility, on=on)
    prices = directory.prices_at(conn, by=by, facility=visit.facility, on=on, asked=asked(docs), whole=[directory.PriceList.EXAM])
    return fold(known.kind) if known else "", prices


def costs(conn: Connection[Any], *, by: Actor, visit: Visit) -> Costs:
    """Say what a visit has cost so far, line by line, for who explains it to the patient, as far as the reader sees the visit.

    Lines without a price are named: the claim would leave them out of its sums. Raises Denied.
    """
    refs = dict.fromkeys(ref for act in store.acts(conn, visit.id)[::-1] for ref in act.refs)
    held = record.of_person(conn, by=by, person_id=visit.person_id)
    found = {f"{one.rtype}/{one.id}": one.exact for one in held if not one.deleted}
    docs = [found[ref] for ref in refs if ref in found]
    patient = next((one.doc for one in held if one.rtype == "Patient" and one.id == str(visit.person_id)), {})
    return summed(charged(Content(visit, "", patient, docs, {}, *_place(conn, by, visit, docs))))


def _ref(text: str) -> tuple[str, str]:
    rtype, _, id_ = text.partition("/")
    return rtype, id_


def _licences(inner: Connection[Any], who: Actor, facility: str, names: Iterable[str]) -> dict[str, str]:
    """Say under which licence who acted works at this facility: what a claim names a clinician by."""
    found: dict[str, str] = {}
    for name in sorted(names):
        if not name.startswith(_USER):
            continue
        with suppress(NotFound):  # an account that is gone names no licence any more
            posts = accounts.practitioner_identities(inner, by=who, account=UUID(name.removeprefix(_USER)))
            found |= dict.fromkeys([name], next((one.licence for one in posts if one.facility == facility), ""))
    return {name: licence for name, licence in found.items() if licence}


def missing_of(conn: Connection[Any], *, by: Actor, visit: Visit) -> tuple[Doubt, ...]:
    """Say what the claim of a visit still lacks: shown when it is closed, and keeping nobody from closing it."""
    acts = store.acts(conn, visit.id)
    patient = record.golden_patients(conn, by=by, person_ids=[visit.person_id]).get(visit.person_id)
    with platform(by) as (inner, who):
        licences = _licences(inner, who, visit.facility, {act.who for act in acts})
    coded = any(ref.startswith("Condition/") for act in acts if act.kind == "diagnose" for ref in act.refs)
    return tuple(_missing(patient.doc if patient else {}, licences, coded=coded))


def _missing(patient: dict[str, Any], licences: Mapping[str, str], *, coded: bool) -> Iterator[Doubt]:
    if not coded:
        yield Doubt("diagnosis", hard=False, vi="Chưa có chẩn đoán.", en="There is no diagnosis.")
    if not licences:
        yield Doubt("licence", hard=False, vi="Tài khoản chưa khai số giấy phép hành nghề.", en="The account names no licence.")
    if not patient.get("address"):
        yield Doubt("address", hard=False, vi="Chưa có địa chỉ.", en="The address is missing.")
    if not any(str(one.get("system", "")).endswith("the-bhyt") for one in patient.get("identifier", ())):
        yield Doubt("card", hard=False, vi="Chưa có thẻ BHYT: hồ sơ ghi là không khám BHYT.", en="No insurance card: the claim says uninsured.")
