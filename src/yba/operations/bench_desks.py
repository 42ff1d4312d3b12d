"""What stands on the desks whose pages `yba bench web` measures: a list of people who wait, a visit under way, a household, a form begun."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from yba import access, accounts, care, directory, forms, identity, record
from yba.access import Right
from yba.kit import Actor, Internal, clock

from .bench_record import puts
from .sample_record import PERSON, STATION, sample_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

_WAITING: Final = 20  # people in the list: a station's morning
_FORM: Final = "ehr-831-visit"
_NAMES: Final = ("Lò Văn Hùng", "Nguyễn Thị Hương", "Vàng A Páo", "Giàng Thị Mỷ", "Trần Văn Nam", "Quàng Thị Lan", "Lê Hoàng Long", "Tòng Thị Hoa")


class Asked(NamedTuple):
    """One page: its address, and the fields that are sent to it where it is asked by a form."""

    path: str
    form: Mapping[str, str] | None = None


def desk_pages(conn: Connection[Any], *, by: Actor, username: str, resources: int) -> dict[str, Asked]:
    """Lay the work of a morning before the account, a doctor of the station, and return its pages by name.

    The person on a visit has a record of ``resources`` resources.
    """
    doctor = _doctor(conn, by, username)
    commune = directory.communes_of(STATION[:2], clock.today())[0].code
    for place in range(_WAITING):
        care.queue_up(conn, by=doctor, person_id=_registered(conn, doctor, place, commune), facility=STATION, reason="ho, sốt ba ngày")
    person = _registered(conn, doctor, _WAITING, commune)
    record.put_many(conn, by=by, puts=_moved(person, resources))
    visit = care.start(conn, by=doctor, person_id=person, facility=STATION, reason="Tái khám")
    may = access.purpose_for(doctor, Right.CARE_HOUSEHOLD_WRITE)
    household = identity.make_household(conn, by=may, facility=STATION, commune=commune, book="HS-1", head=person)
    begun = forms.open_draft(conn, by=doctor, form=forms.form(_FORM, conn=conn), person_id=person, facility=STATION)
    return {
        "home": Asked("/"),
        "desk": Asked("/desk"),
        "search": Asked("/search", {"number": "huong"}),
        "register": Asked("/register"),
        "record": Asked(f"/record/{person}"),
        "summary": Asked(f"/record/{person}/summary"),
        "visit": Asked(f"/visit/{visit.id}"),
        "follow": Asked(f"/follow/{person}/hypertension"),
        "household": Asked(f"/household/{household}"),
        "forms": Asked(f"/record/{person}/forms"),
        "form": Asked(f"/form/{begun.id}"),
    }


def _moved(person: UUID, resources: int) -> list[record.Put]:
    """Return the sample record as this person's; the Patient is there already."""
    made = puts(sample_record(resources, last=clock.today())[1:], UUID(int=1))
    return [replace(one, person_id=person, doc=one.doc.replace(PERSON.encode(), str(person).encode())) for one in made]


def _doctor(conn: Connection[Any], by: Actor, username: str) -> Actor:
    account = accounts.account_named(conn, by=by, username=username)
    found = accounts.actor_of(conn, by=Actor.system("bench"), account=account.id, purpose="treatment")
    return access.purpose_for(found, Right.CARE_VISIT_WRITE)


def _registered(conn: Connection[Any], doctor: Actor, place: int, commune: str) -> UUID:
    """Register somebody and return who it is."""
    name = _NAMES[place % len(_NAMES)]
    sex = "female" if "Thị" in name else "male"
    facts = care.Newcomer(name, sex, str(1940 + place), citizen=f"0111{40 + place}{place:06}", phone=f"0912{place:06}", commune=commune)
    made = care.register(conn, by=access.purpose_for(doctor, Right.CARE_PERSON_REGISTER), facts=facts, facility=STATION, is_new=True)
    if made.person_id is None:
        raise Internal("The bench's person was not registered.")
    return made.person_id
