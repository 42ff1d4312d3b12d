"""A station's month as documents: people, visits, diagnoses and what belongs to them, put into the record and exported to the lake."""

from datetime import timedelta
from uuid import UUID

import orjson

from yba import access, directory, record, warehouse
from yba.access import Home, Relation, RelationKind, UnitKind
from yba.fhir import search
from yba.kit import Actor, Grant, clock
from yba.kit.db import reading, unit_of_work
from yba.warehouse import period
from yba.warehouse.books import Place, book

OURS, THEIRS = "11001", "11002"
HOME = "03127"
AWAY = next(one.code for one in directory.communes_of("11", clock.today()) if one.code != HOME)
AN, BINH, CHI, DUNG = (UUID(int=number << 64) for number in (0xA, 0xB, 0xC, 0xD))
SYSTEM = Actor.system("test")
LAKE = Actor.system("warehouse:lake:refresh")
OCTOBER = period("2026-10")
HERE = Place(OURS)
ACCOUNT = UUID(int=7)

NURSE = Actor.user(ACCOUNT, [Grant("station-nurse", frozenset({OURS}), frozenset({HOME}))], purpose="treatment")
OTHER_NURSE = Actor.user(UUID(int=8), [Grant("station-nurse", frozenset({THEIRS}), frozenset({AWAY}))], purpose="treatment")
DOCTOR = Actor.user(UUID(int=9), [Grant("doctor", frozenset({OURS}))], purpose="treatment")
MANAGER = Actor.user(UUID(int=10), [Grant("provincial-manager")], purpose="administration")
OFFICER = Actor.user(UUID(int=11), [Grant("programme-officer", frozenset({OURS}))], purpose="public-health")
OPERATOR = Actor.operator()


def key(person, number):
    """An id of a person's resource: the same number is the same one, of whatever type."""
    return str(UUID(int=(person.int >> 64 << 32) + number))


def made(rtype, id_, person, *, facility=OURS, labels=(), source=None, mapped_by="test", **doc):
    """One Put."""
    whole = {"resourceType": rtype, "id": id_, **doc}
    index = search.index(rtype, whole)
    return record.Put(
        rtype, id_, person, orjson.dumps(whole), index.tokens, index.start, index.end, facility, source or person, tuple(labels), mapped_by
    )


def patient(person, name, *, facility=OURS, commune=HOME, **more):
    """The Patient a facility knows (id of its own), and the platform's own one, whose id is the person's."""
    told = {
        "name": [{"text": name}], "gender": "female", "birthDate": "1959-03-12",
        "identifier": [{"system": "https://yba.vn/id/cccd", "value": "011159001234"}, {"system": "https://yba.vn/id/the-bhyt", "value": "DN4111234567890"}],
        "extension": [{"url": "https://yba.vn/x/ethnicity", "valueCoding": {"code": "03"}}],
        "address": [{"text": "Bản Noong Bua", "extension": [{"url": "https://yba.vn/x/address-code", "extension": [{"url": "commune", "valueCoding": {"code": commune}}]}]}],
        **more,
    }  # fmt: skip
    return [made("Patient", key(person, 1), person, facility=facility, **told), made("Patient", str(person), person, facility="", **told)]


def visit(person, number, day, *, facility=OURS, labels=(), codes=("J06.9",), status="finished", more=(), act="AMB"):
    """A visit with its diagnoses, numbered from its own number on."""
    subject = {"reference": f"Patient/{key(person, 1)}"}
    encounter = {"reference": f"Encounter/{key(person, number)}"}
    conditions = [
        made(
            "Condition", key(person, number + 1 + place), person, facility=facility, labels=labels, subject=subject, encounter=encounter,
            code={"coding": [{"system": "https://yba.vn/CodeSystem/icd10", "code": code}], "text": f"bệnh {code}"}, recordedDate=f"{day}T09:00:00+07:00",
        )
        for place, code in enumerate(codes)
    ]  # fmt: skip
    own = made(
        "Encounter", key(person, number), person, facility=facility, labels=labels, status=status, subject=subject,
        **{"class": {"code": act}}, period={"start": f"{day}T08:30:00+07:00", "end": f"{day}T09:30:00+07:00"},
        reasonCode=[{"id": "vv", "text": "Ho, sốt"}], participant=[{"individual": {"display": "001234/ĐB-CCHN"}}],
        extension=[{"url": "https://yba.vn/x/advice", "valueString": "Uống đủ nước"}],
    )  # fmt: skip
    return [own, *conditions, *more]


def dispensed(person, number, encounter, text, *, facility=OURS, labels=()):
    """A medicine handed over at a visit."""
    return made(
        "MedicationDispense", key(person, number), person, facility=facility, labels=labels, status="completed",
        context={"reference": f"Encounter/{key(person, encounter)}"}, subject={"reference": f"Patient/{key(person, 1)}"},
        medicationCodeableConcept={"text": text}, daysSupply={"value": 5},
    )  # fmt: skip


def put(*puts, by=SYSTEM):
    """Put resources, lists of them too, in one transaction."""
    flat = [one for some in puts for one in (some if isinstance(some, list) else [some])]
    with unit_of_work(by=by) as conn:
        record.put_many(conn, by=by, puts=flat)


def exported():
    """Bring the lake up to date."""
    warehouse.refresh(by=LAKE)


def live_in(person, commune=HOME):
    """Say where somebody lives."""
    with unit_of_work(by=SYSTEM) as conn:
        access.reside_many(conn, by=SYSTEM, homes=[Home(person, commune, clock.now() - timedelta(days=400))])


def tie(person, unit, *, kind=RelationKind.VISIT, of=UnitKind.FACILITY):
    """Write a relation of care."""
    now = clock.now()
    one = Relation(person, of, unit, kind, now - timedelta(days=1), None, "Claim", "", UUID(int=person.int + abs(hash((unit, kind))) % 1000))
    with unit_of_work(by=SYSTEM) as conn:
        access.relate_many(conn, by=SYSTEM, relations=[one])


def month(**given):
    """A month of the station: An lives here, Bình came from elsewhere, Chi lives here and was seen at their hospital."""
    put(
        patient(AN, "LÒ THỊ AN"), visit(AN, 10, "2026-10-05", more=[dispensed(AN, 19, 10, "Paracetamol 500mg")]),
        patient(BINH, "TRẦN THỊ BÌNH", commune=AWAY), visit(BINH, 10, "2026-10-06"),
        patient(CHI, "VÀNG THỊ CHI", facility=THEIRS), visit(CHI, 10, "2026-10-07", facility=THEIRS),
    )  # fmt: skip
    live_in(AN)
    live_in(CHI)
    live_in(BINH, AWAY)
    exported()


def read(name="a1", *, by=NURSE, when=OCTOBER, at=HERE, **more):
    """Read a book."""
    return book(name, by=by, period=when, place=at, **more)


def names(reading):
    """Who stands in it, in order."""
    place = [one.name for one in reading.headings].index("name")
    return [row.cells[place].rpartition(" ")[2] for row in reading.rows]


def trail(tag="warehouse:book:read"):
    """What the trail says of readings, oldest first."""
    with reading(by=SYSTEM) as conn:
        rows = conn.execute(
            "SELECT who, about_type, about_id, person_id, facility, detail, under FROM audit_event WHERE tag = %s ORDER BY id",
            (tag,),
        ).fetchall()
    return [(*row[:5], orjson.loads(row[5]), row[6]) for row in rows]
