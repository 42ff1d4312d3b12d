"""Puts of synthetic resources, made from documents the way the ingest makes them."""

from uuid import UUID

import orjson
import pytest

from yba.fhir import search
from yba.record import Put, store
from yba.record.lines import columns_of
from yba.record.store.moving import Chosen

AN, BINH = UUID(int=0xA), UUID(int=0xB)
CLAIM = UUID(int=0xC1)


@pytest.fixture
def an():
    return AN


@pytest.fixture
def binh():
    return BINH


@pytest.fixture
def put():
    """Make a Put of a document; what the test does not care about has a plain value."""

    def make(doc, *, person=AN, facility="01003", source=CLAIM, labels=(), fresh=False):
        index = search.index(doc["resourceType"], doc)
        return Put(
            doc["resourceType"], doc["id"], person, orjson.dumps(doc), index.tokens, index.start, index.end, facility, source, labels, "2026.1", fresh
        )

    return make


@pytest.fixture
def give(conn):
    """Give rows of one person to another as a split does: what Patients are named by, and what documents made."""

    def tokens(patients):
        return [search.token(param, f"Patient/{id_}") for id_ in patients for param in ("subject", "patient")]

    def run(giver, taker, patients, *, documents=(), stay=(), born=(), others=()):
        chosen = Chosen(list(documents), list(stay), tokens(patients), tokens(others), [columns_of(id_)[0] for id_ in patients], [])
        moved = store.moving.share(conn, giver, taker, chosen, tokens(born))
        store.moving.give_second(conn, giver, taker, chosen, ())
        return len(moved)

    return run


@pytest.fixture
def condition():
    """Make a Condition document."""

    def make(number=1, code="I10", subject="Patient/sa", when="2026-03-12", **more):
        return {
            "resourceType": "Condition",
            "id": f"c{number}",
            "code": {"coding": [{"system": "http://icd", "code": code}]},
            "subject": {"reference": subject},
            "recordedDate": when,
            **more,
        }

    return make
