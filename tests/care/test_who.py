"""Every role at every act of the desks: what the file of roles grants, and nothing else."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.care.conftest import COMMUNE, HOSPITAL, STATION, nurse
from yba import care, identity
from yba.access import Denied
from yba.kit import Actor, Conflict, Grant, NotFound
from yba.kit.db import unit_of_work
from yba.specs.access import roles

DESK = {"care:visit:read", "care:visit:write", "care:person:register", "care:household:write"}
NEW = care.Newcomer("Lò Văn Inh", "male", "1985-07-30", citizen="011085000123")
PEOPLE = sorted(name for name, role in roles().items() if role.kind != "machine")


def somebody(role, facility):
    """A person of a role at a facility, working for what the role works for."""
    grant = Grant(role, frozenset({facility}), areas=frozenset({COMMUNE}))
    return Actor.user(UUID(int=90 + PEOPLE.index(role)), [grant], purpose=roles()[role].purpose)


def granted(role):
    return {right for rule in roles()[role].may for right in rule.rights} & DESK


def acts(conn, by, person, visit):
    """Each act with the right it stands on."""
    where = {"by": by, "facility": STATION}
    return {
        "care:visit:read": [lambda: care.work(conn, **where), lambda: care.queue(conn, **where), lambda: care.visit_of(conn, by=by, visit=visit)],
        "care:visit:write": [
            lambda: care.start(conn, **where, person_id=person), lambda: care.claim(conn, by=by, visit=visit),
            lambda: care.take_back(conn, by=by, visit=visit, number=None, refs=[("Observation", "x")], reason="?"),
        ],
        "care:person:register": [lambda: care.register(conn, **where, facts=NEW)],
        "care:household:write": [lambda: identity.make_household(conn, **where, commune=COMMUNE, book="1", head=person)],
    }  # fmt: skip


@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_does_at_its_own_place_what_its_file_grants_and_at_another_nothing(conn, person, role):
    theirs = nurse()
    with unit_of_work(by=theirs) as mine:
        visit = care.start(mine, by=theirs, person_id=person, facility=STATION).id
        care.close(mine, by=theirs, visit=visit, number=1)
    for facility, may in ((STATION, granted(role)), (HOSPITAL, set())):
        by = somebody(role, facility)
        with unit_of_work(by=by) as conn_:
            for right, listed in acts(conn_, by, person, visit).items():
                for number, act in enumerate(listed):
                    refused = False
                    try:
                        with conn_.transaction(force_rollback=True):
                            act()
                    except Denied:
                        refused = True
                    except NotFound:
                        refused = right not in may
                    except Conflict:
                        refused = False  # through the door: the visit is over
                    assert refused == (right not in may), (role, facility, right, number)


def test_only_who_works_at_a_desk_has_these_rights():
    assert {role for role in PEOPLE if granted(role)} == {"doctor", "station-nurse"}
