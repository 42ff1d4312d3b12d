"""Two hospitals behind the API: An is a patient of ours, Bình of theirs, and our results of An point into Bình's record, as a curious colleague would write them.

Beside every link into Bình's record stands a twin that points at nothing there is. Whatever is asked of the one must be answered as of the
other: then no answer, count, status or header says that there is a Bình.
"""

import re
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from tests import hashing
from tests.api import world as w
from yba import access, accounts
from yba.access import Relation, RelationKind, UnitKind
from yba.kit import Actor, clock
from yba.kit.db import reading, unit_of_work
from yba.specs import systems
from yba.specs.access import roles

OURS, THEIRS = "11001", "11002"
COMMUNE = "03127"
SECRET = "BIMATCUABINH"  # stands in everything of Bình's
SYSTEM = Actor.system("test")
READERS = sorted(
    name
    for name, role in roles().items()
    if role.kind != "machine" and any({"record:clinical:read", "record:clinical:search"} & set(rule.rights) for rule in role.may)
)


@dataclass
class World:
    """Who asks, and the names of what is Bình's with their twins: ids and values of the same form that nothing has."""

    clients: dict[str, w.Client] = field(default_factory=dict)
    real: dict[str, str] = field(default_factory=dict)
    fake: dict[str, str] = field(default_factory=dict)
    an: str = ""
    theirs: w.Client = field(default_factory=w.Client)


def build() -> World:
    """Make both hospitals, their residents, the links across, and a client of every role that reads."""
    world = World()
    ours, theirs = w.software(OURS), w.software(THEIRS)
    world.theirs, world.an = theirs, posted(ours, w.patient("A-1"))
    posted(ours, stay(world.an))
    world.real, world.fake = theirs_of(theirs), {}
    for name, value in world.real.items():
        world.fake[name] = str(uuid.uuid4()) if len(value) == 36 else {"citizen": "001159099999", "code": "99999-9", "family": "Khong"}[name]
    golden = person_of(world.an)
    for names in (world.real, world.fake):
        names |= {"an": world.an, "golden": str(golden), **links(ours, world.an, names)}
    world.clients = {"facility-client": ours, **people(golden)}
    return world


def posted(client: w.Client, doc: dict) -> str:
    """Write a document; its id."""
    answer = client.post(doc["resourceType"], doc)
    assert answer.status == 201, answer.data
    return answer.id


def stay(patient: str) -> dict:
    """A visit."""
    return {
        "resourceType": "Encounter", "status": "finished", "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": f"Patient/{patient}"}, "period": {"start": "2026-11-20T08:00:00+07:00", "end": "2026-11-21T08:00:00+07:00"},
    }  # fmt: skip


def theirs_of(client: w.Client) -> dict[str, str]:
    """Bình's record."""
    number = {"system": systems.identifier("citizen"), "value": "001159012345"}
    binh = posted(client, w.patient("B-1", identifier=[number], name=[{"family": "Luong", "given": [SECRET]}], birthDate="1959-03-12"))
    visit = posted(client, {**stay(binh), "reasonCode": [{"text": SECRET}]})
    coded = {"coding": [{"system": systems.system("icd10"), "code": "J18.9"}], "text": SECRET}
    ill = posted(client, {"resourceType": "Condition", "code": coded, "subject": {"reference": f"Patient/{binh}"}})
    number = [{"system": "http://lis.test", "value": "B-77"}]
    seen = w.observation(binh, code="88888-8", note=[{"text": SECRET}], identifier=number, encounter={"reference": f"Encounter/{visit}"})
    result = posted(client, seen)
    listed = {
        "resourceType": "List", "status": "current", "mode": "working", "title": SECRET, "subject": {"reference": f"Patient/{binh}"},
        "entry": [{"item": {"reference": f"Observation/{result}"}}],
    }  # fmt: skip
    names = {"patient": binh, "encounter": visit, "condition": ill, "observation": result, "list": posted(client, listed)}
    return {**names, "person": str(person_of(binh)), "citizen": "001159012345", "code": "88888-8", "family": "Luong"}


def links(client: w.Client, an: str, names: dict[str, str]) -> dict[str, str]:
    """Results and lists of An that point at what is named."""
    pointing = w.observation(
        an,
        encounter={"reference": f"Encounter/{names['encounter']}"},
        derivedFrom=[{"reference": f"Observation/{names['observation']}"}],
        hasMember=[{"reference": f"Observation/{names['observation']}"}],
        focus=[{"reference": f"Condition/{names['condition']}"}, {"reference": f"Patient/{names['patient']}"}],
    )
    evidence = {
        "resourceType": "Condition", "subject": {"reference": f"Patient/{an}"}, "code": {"text": "x"},
        "evidence": [{"detail": [{"reference": f"Observation/{names['observation']}"}]}],
    }  # fmt: skip
    listed = {
        "resourceType": "List", "status": "current", "mode": "working", "subject": {"reference": f"Patient/{an}"},
        "entry": [{"item": {"reference": f"Observation/{names['observation']}"}}, {"item": {"reference": f"Patient/{names['patient']}"}}],
    }  # fmt: skip
    return {"link": posted(client, pointing), "evidence": posted(client, evidence), "mine": posted(client, listed)}


def person_of(patient: str) -> UUID:
    """Whose Patient this is."""
    with reading(by=SYSTEM) as conn:
        row = conn.execute("SELECT person_id FROM resource WHERE rtype = 'Patient' AND id = %s", (patient,)).fetchone()
    return row[0]


def people(golden: UUID) -> dict[str, w.Client]:
    """A client of every role that reads, related to An in every way there is, and to nobody else."""
    with unit_of_work(by=w.OPERATOR) as conn:
        accounts.mark_demo(fresh=True)
        with hashing.quick():
            made = accounts.make_demo_accounts(conn, by=w.OPERATOR, facility=OURS, commune=COMMUNE, person_id=golden, ward=golden)
        found = {one.role: accounts.account_named(conn, by=w.OPERATOR, username=one.username).id for one in made if one.role in READERS}
    since, until = clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)
    kinds = [kind for kind in RelationKind if kind not in {RelationKind.RESIDENCE, RelationKind.HOUSEHOLD}]
    ties = [(UnitKind.FACILITY, OURS, kind) for kind in kinds]
    ties += [(UnitKind.AREA, COMMUNE, kind) for kind in (RelationKind.RESIDENCE, RelationKind.HOUSEHOLD)]
    ties += [(UnitKind.USER, str(account), kind) for account in found.values() for kind in kinds]
    with unit_of_work(by=SYSTEM) as conn:
        rows = [Relation(golden, *tie, since, until, "Claim", str(number), UUID(int=number + 1)) for number, tie in enumerate(ties)]
        access.relate_many(conn, by=SYSTEM, relations=rows)
    return {role: w.Client(token_of(account)) for role, account in found.items()}


def doctor_of(person: UUID) -> w.Client:
    """A doctor of a third hospital who treats this one person."""
    client, account = w.person("doctor", facility=w.HERE)
    with unit_of_work(by=SYSTEM) as conn:
        since = clock.now() - timedelta(days=1)
        tie = Relation(person, UnitKind.USER, str(account), RelationKind.VISIT, since, None, "Claim", "x", UUID(int=999))
        access.relate_many(conn, by=SYSTEM, relations=[tie])
    return client


def token_of(account: UUID) -> str:
    """A token made after the second factor."""
    own = Actor.user(account, [], purpose="treatment")
    with unit_of_work(by=own) as conn:
        return accounts.make_token(conn, by=own, account=account, name="tò mò", hours=1, proven=True).token


_MOMENT = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[^\"<]*")
_CURSOR = re.compile(rb"_cursor=[\w%.=-]+")
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def plain(world: World, reply: w.Reply) -> tuple:
    """What an answer says, both names of a thing being one: moments, fresh ids and what was asked are the same in both worlds."""
    body = reply.data
    for name, value in [*world.real.items(), *world.fake.items()]:
        body = body.replace(value.encode(), f"<{name}>".encode())
    body = _UUID.sub(b"<id>", _CURSOR.sub(b"_cursor", _MOMENT.sub(b"<moment>", body)))
    return reply.status, reply.headers.get("etag"), "location" in reply.headers, reply.headers.get("allow"), sorted(reply.headers), body
