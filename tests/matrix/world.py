"""One account of every role, signed in through the real pages with its second factor, and one resident within reach of all who care."""

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.test import Client

from tests import hashing
from tests.accounts.conftest import code_of
from yba import access, accounts, directory, record
from yba.access import Relation, RelationKind, UnitKind
from yba.accounts import store_people
from yba.accounts.signin.secret import factor_secret
from yba.kit import Actor, clock
from yba.kit.db import reading, unit_of_work
from yba.operations.bench_record import puts
from yba.operations.sample_record import PERSON, sample_record
from yba.specs.access import roles

FACILITY, COMMUNE = "11001", "03127"
RESIDENT = UUID(PERSON)
STRANGER = UUID(int=0x57)
KEY = base64.b32encode(b"a factor for one test").decode()
OPERATOR, SYSTEM = Actor.operator(), Actor.system("test")
PEOPLE = sorted(name for name, role in roles().items() if role.kind != "machine")


@dataclass
class World:
    """Who there is: the account of each role and a browser in which it is signed in."""

    accounts: dict[str, UUID] = field(default_factory=dict)
    browsers: dict[str, Client] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)


def browser() -> Client:
    """Give a browser at this machine, which demo accounts take for the facility's network."""
    return Client(headers={"host": "localhost"}, REMOTE_ADDR="127.0.0.1", raise_request_exception=False)


def build() -> World:
    """Fill an empty demo data folder: a record of 40 resources, one account a role, relations of every kind, everybody signed in."""
    world = World()
    with unit_of_work(by=OPERATOR) as conn:
        directory.ensure_many(conn, by=OPERATOR, seen_at=clock.now(), facilities=[FACILITY])
        record.put_many(conn, by=OPERATOR, puts=puts(sample_record(40, last=clock.today()), UUID(int=1)))
        assert accounts.mark_demo(fresh=True)
        with hashing.quick():
            made = accounts.make_demo_accounts(conn, by=OPERATOR, facility=FACILITY, commune=COMMUNE, person_id=RESIDENT, ward=RESIDENT)
        for one in made:
            world.accounts[one.role] = accounts.account_named(conn, by=OPERATOR, username=one.username).id
            world.passwords[one.role] = one.password
            if not one.totp:
                store_people.put_totp(conn, world.accounts[one.role], secret=factor_secret(KEY), at=clock.now())
    relate(world)
    for one in made:
        world.browsers[one.role] = sign_in(one.username, one.password, one.totp or KEY)
    return world


def relate(world: World) -> None:
    """Write every kind of relation to the facility, the commune and each account: what is refused now is refused for want of a right."""
    since, until = clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)
    kinds = [kind for kind in RelationKind if kind not in {RelationKind.RESIDENCE, RelationKind.HOUSEHOLD}]
    ties = [(UnitKind.FACILITY, FACILITY, kind) for kind in kinds]
    ties += [(UnitKind.AREA, COMMUNE, kind) for kind in (RelationKind.RESIDENCE, RelationKind.HOUSEHOLD)]
    ties += [(UnitKind.USER, str(account), kind) for account in world.accounts.values() for kind in kinds]
    found = [
        Relation(RESIDENT, unit, code, kind, since, until, "Claim", str(number), UUID(int=number + 1))
        for number, (unit, code, kind) in enumerate(ties)
    ]
    with unit_of_work(by=SYSTEM) as conn:
        access.relate_many(conn, by=SYSTEM, relations=found)


def sign_in(username: str, password: str, key: str) -> Client:
    """Sign in as a person does: password, then the code of the app."""
    one = browser()
    first = one.post("/accounts/login/", {"login": username, "password": password})
    assert first.status_code == 302, first.content.decode()[-800:]
    assert first["Location"].startswith("/accounts/second-factor/authenticate/"), (username, first["Location"])
    second = one.post("/accounts/second-factor/authenticate/", {"code": code_of(key)})
    assert second.status_code == 302, second.content.decode()[-800:]
    return one


def refusals(account: UUID) -> list[str]:
    """Return the rights of which the trail says that they were refused to an account."""
    with reading(by=OPERATOR) as conn:
        rows = conn.execute("SELECT about_id FROM audit_event WHERE tag = 'access:right:refused' AND who = %s", (f"user:{account}",)).fetchall()
    return [row[0] for row in rows]
