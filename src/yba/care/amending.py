"""What a form says of a person goes through registration's door: what may be written is, what a desk may not change is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit, record
from yba.access import Right
from yba.audit import Tag
from yba.kit.errors import NotFound
from yba.kit.platform import platform
from yba.specs import systems

from .model import Doubt, Newcomer, NotPlausible
from .patients import patient_of
from .registering import placed, plain, said_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .patients import Doc

# What these say decides who somebody is: a form leaves them to registration with papers and to the clerk.
_NOT_HERE: Final = {
    "sex": ("Giới tính", "Sex"), "birth": ("Ngày sinh", "Date of birth"), "citizen": ("Số định danh", "Citizen number"),
    "card": ("Thẻ BHYT", "Insurance card"), "household": ("Hộ gia đình", "Household"),
}  # fmt: skip


class Amended(NamedTuple):
    """What became of what a form says of a person: names of the facts that were written, and what was not, with the words why."""

    written: tuple[str, ...]
    refused: tuple[Doubt, ...]


def amend(conn: Connection[Any], *, by: Actor, person_id: UUID, facility: str, facts: Newcomer, household: str = "") -> Amended:
    """Write name, phone, both homes, ethnicity and occupation of a person into the facility's own Patient; "" leaves a fact as it is.

    Sex, birth and numbers that differ from what is known, and the household, are not written: ``refused`` says so. Raises NotPlausible for places
    and codes there are none of, NotFound, Denied; audited.
    """
    access.require(by, Right.CARE_PERSON_REGISTER, facility=facility)
    wrong = list(placed(facts))
    if wrong:
        raise NotPlausible(wrong)
    golden = record.golden_patients(conn, by=by, person_ids=[person_id]).get(person_id)
    if golden is None:
        raise NotFound("Không có người này.", advice="There is no such person.")
    refused = tuple(_refused(facts, golden.doc, household))
    doc = _own(conn, by, person_id, facility)
    over = _over(doc, facts)
    written = tuple(name for name in over if over[name] != doc.get(name))
    if written:
        record.save(conn, by=by, writes=[record.Write("Patient", doc["id"], {**doc, **over}, facility)], reason="form")
        audit.note(
            conn, by=by, tag=Tag.PERSON_REGISTER, about_type="Person", about_id=str(person_id), person_id=person_id, facility=facility,
            detail={"written": list(written)}, under=Right.CARE_PERSON_REGISTER.value,
        )  # fmt: skip
    return Amended(written, refused)


def _own(conn: Connection[Any], by: Actor, person_id: UUID, facility: str) -> Doc:
    """Return the Patient under which the facility knows a person; one is made where it does not. Raises NotFound."""
    id_ = patient_of(conn, by=by, person_id=person_id, facility=facility)
    with platform(by) as (inner, who):
        found = record.to_change(inner, by=who, refs=[("Patient", str(id_))]).get(("Patient", str(id_)))
    if found is None:
        raise NotFound("Không có người này.", advice="There is no such person.")
    return {name: value for name, value in found.items() if name not in {"link", "meta"}}


def _over(doc: Doc, facts: Newcomer) -> Doc:
    """Return the elements that change, whole: what a form does not say of them stays."""
    said = said_of(facts)
    over: Doc = {}
    if said.get("name") and said["name"][0]["text"] not in {one.get("text") for one in doc.get("name", ())}:
        others = [one for one in doc.get("name", ()) if one.get("use") != "official"]
        over["name"] = [said["name"][0], *others]
    if facts.phone.strip():
        others = [one for one in doc.get("telecom", ()) if one.get("system") != "phone" or one.get("use") not in {None, "mobile"}]
        over["telecom"] = [{"system": "phone", "value": plain(facts.phone)}, *others]
    if said.get("address"):
        kinds = {_kind(one) for one in said["address"]}
        over["address"] = [*said["address"], *(one for one in doc.get("address", ()) if _kind(one) not in kinds)]
    if said.get("extension"):
        urls = {one["url"] for one in said["extension"]}
        over["extension"] = [*(one for one in doc.get("extension", ()) if one.get("url") not in urls), *said["extension"]]
    return over


def _kind(address: Doc) -> str:
    told = (one.get("valueCode", "") for one in address.get("extension", ()) if one.get("url") == systems.extension("address-kind"))
    return next(told, "") or str(address.get("use", "home"))


def _refused(facts: Newcomer, golden: Doc, household: str) -> Iterator[Doubt]:
    numbers = {one.get("system"): str(one.get("value", "")) for one in golden.get("identifier", ())}
    known = {
        "sex": golden.get("gender", ""), "birth": golden.get("birthDate", ""), "citizen": numbers.get(systems.identifier("citizen"), ""),
        "card": numbers.get(systems.identifier("card"), ""), "household": "",
    }  # fmt: skip
    told = {"sex": facts.sex, "birth": facts.birth, "citizen": plain(facts.citizen), "card": plain(facts.card), "household": household.strip()}
    for name, value in told.items():
        if value and value != known[name]:
            vi, en = _NOT_HERE[name]
            where_vi, where_en = ("trang hộ gia đình", "the household's page") if name == "household" else ("đăng ký hoặc đối soát", "registration")
            yield Doubt(
                name, hard=False, vi=f"{vi}: biểu mẫu không đổi được, sửa ở {where_vi}.", en=f"{en}: a form does not change it, {where_en} does."
            )
