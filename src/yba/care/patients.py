"""The Patient under which a facility knows somebody: the one it has, else one made of what the province knows, for the same person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba import access, identity, record
from yba.kit.errors import Conflict
from yba.kit.ids import derived
from yba.kit.platform import platform
from yba.record import Write
from yba.specs import systems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from yba.access import Relation
    from yba.kit.actor import Actor

Doc = dict[str, Any]
_NUMBERS: Final = frozenset(systems.identifier(one) for one in ("citizen", "citizen-old", "passport", "insurance", "card"))
_TAKEN: Final = ("name", "telecom", "gender", "birthDate", "_birthDate", "address", "extension")
_DIGITS: Final = 10


def number_here(facility: str, about: str) -> str:
    """Make the patient number (MA_BN) a facility without a system of its own gives: short, the same for the same fact."""
    return f"Y{int(derived('care-patient', facility, about)) % 10**_DIGITS:0{_DIGITS}d}"


def patient_of(conn: Connection[Any], *, by: Actor, person_id: UUID, facility: str, relations: Sequence[Relation] = ()) -> UUID:
    """Return the id of the source Patient of a person at a facility; a new one, made of what is known, where the facility has none.

    Who stands at the desk was chosen by the one who acts: the source is the person's from the beginning and no weights are asked. ``relations``
    are written before: writing into a record needs them. All that is the platform's own work is one unit.
    """
    number, golden = number_here(facility, str(person_id)), None
    with platform(by) as (inner, who):
        if relations:
            access.relate_many(inner, by=who, relations=relations)
        known = identity.patient_at(inner, by=who, person_id=person_id, facility=facility)
        if known is None:
            golden = record.golden_patients(inner, by=who, person_ids=[person_id]).get(person_id)
        if golden is not None:
            identity.take_in(inner, by=who, person_id=person_id, facility=facility, local_id=number)
    if golden is None:  # it is known, or nothing is known of the person but that there is one
        return known or person_id
    (saved,) = record.save(conn, by=by, writes=[Write("Patient", None, _doc(golden.doc, facility, number), facility)], reason="care")
    if saved.person_id != person_id:
        raise Conflict("Giấy tờ của người này đang thuộc hai hồ sơ: cần đối soát định danh trước.", advice="Two records hold this person's numbers.")
    return UUID(saved.id)


def _doc(golden: Doc, facility: str, number: str) -> Doc:
    numbers = [{"use": "usual", "system": systems.local_patient(facility), "value": number}]
    numbers += [one for one in golden.get("identifier", ()) if one.get("system") in _NUMBERS and one.get("use") != "old"]
    return {"resourceType": "Patient", "identifier": numbers} | {name: golden[name] for name in _TAKEN if name in golden}
