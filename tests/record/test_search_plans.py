"""Hot searches keep their index as the app role, first and second lock on: every statement that `find` sends is explained."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest

from tests.record.rest_world import CLIENT, HERE, OPERATOR, doctor
from yba import access, record
from yba.access import Relation, RelationKind, UnitKind
from yba.fhir import search
from yba.fhir.query import parse
from yba.kit import Actor, clock
from yba.kit.db import reading
from yba.kit.units import acting
from yba.record.search.asking import Asking

SYSTEM = Actor.system("test")
PERSON = "('00000000-0000-0000-0000-' || lpad(to_hex(100000 + n % 1500), 12, '0'))::uuid"
PATIENT = "'00000000-0000-0001-0000-' || lpad(to_hex(100000 + n), 12, '0')"
WHO = UUID(int=100_007)
NAMED = f"Patient/{UUID(int=(1 << 64) + 100_007)}"
CODE, IDENT = search.token("code", "http://loinc.org", "rare"), search.token("identifier", "s", "7")
FILL = f"""
INSERT INTO resource (updated, version, start_at, end_at, person_id, rtype, id, facility_id, mapped_by, tokens, doc)
SELECT now(), 1, now() - n * interval '1 hour', now() - n * interval '1 hour', {PERSON}, 'Observation', gen_random_uuid(), '{HERE}', 'fhir',
       ARRAY[CASE n % 3000 WHEN 7 THEN {CODE} ELSE n END, CASE n % 1500 WHEN 7 THEN {search.token("subject", NAMED)} ELSE -n END],
       '{{"status":"final","effectiveDateTime":"2026-01-01","subject":{{"reference":"{NAMED}"}}}}' FROM generate_series(1, 30000) n;
INSERT INTO resource (updated, version, person_id, rtype, id, facility_id, mapped_by, tokens, doc)
SELECT now(), 1, {PERSON}, 'Patient', ({PATIENT})::uuid, '{HERE}', 'fhir', ARRAY[CASE n WHEN 7 THEN {IDENT} ELSE n END],
       '{{"name":[{{"family":"Quý hiếm"}}]}}' FROM generate_series(1, 1500) n;
INSERT INTO locator (key, person_id, facility_id)
SELECT locator_key('Patient', {PATIENT}), {PERSON}, '{HERE}' FROM generate_series(1, 1500) n;
INSERT INTO search_text_all (person_id, key, rtype, param, facility_id, value)
SELECT {PERSON}, locator_key('Patient', {PATIENT}), 'Patient', 'family', '{HERE}', CASE n WHEN 7 THEN 'quy hiem' ELSE 'nguyen ' || n END FROM generate_series(1, 1500) n;
"""  # noqa: S608  texts of ours
HOT = {
    "subject sorted": ("Observation", [("patient", NAMED), ("_sort", "-date"), ("_count", "10")]),
    "code": ("Observation", [("code", "http://loinc.org|rare")]),
    "identifier": ("Patient", [("identifier", "s|7")]),
    "family and birth": ("Patient", [("family", "quy"), ("birthdate", "1959")]),
    "chained": ("Observation", [("patient.identifier", "s|7")]),
    "has": ("Patient", [("_has:Observation:patient:code", "http://loinc.org|rare")]),
    "revinclude": ("Patient", [("identifier", "s|7"), ("_revinclude", "Observation:patient")]),
    "type, first page": ("Observation", [("_count", "10")]),
}


@pytest.fixture(scope="module")
def filled(migrated):
    migrated.renew()
    with migrated.as_owner() as conn:
        conn.execute(FILL)
        conn.commit()
    with reading(by=SYSTEM) as conn:
        ties = [
            Relation(
                UUID(int=100_000 + n),
                UnitKind.FACILITY,
                HERE,
                RelationKind.VISIT,
                clock.now() - timedelta(days=1),
                None,
                "Claim",
                "",
                UUID(int=n + 1),
            )
            for n in range(1500)
        ]
        access.relate_many(conn, by=SYSTEM, relations=ties, fresh=True)
    with migrated.as_owner() as conn:
        conn.execute("ANALYZE")
        conn.commit()
    return migrated


def prepared(conn, ask):
    """The EXECUTE of a statement as searches send it."""
    return acting.preparing(conn).call(ask)


@pytest.mark.parametrize("kept", [False, True], ids=["planned with values", "kept"])
@pytest.mark.parametrize("question", HOT)
@pytest.mark.parametrize("by", [OPERATOR, CLIENT, doctor(HERE)], ids=["operator", "client", "doctor"])
def test_a_hot_search_reads_no_large_table_whole(filled, monkeypatch, question, by, kept):
    rtype, pairs = HOT[question]
    sent = []
    real = Asking.run
    monkeypatch.setattr(Asking, "run", lambda asking, ask: (sent.append(ask), real(asking, ask))[1])
    with reading(by=by) as conn:
        found = record.find(conn, by=by, query=parse(rtype, pairs))
        conn.execute(f"SET LOCAL plan_cache_mode = force_{'generic' if kept else 'custom'}_plan")
        plans = ["\n".join(row[0] for row in conn.execute(b"EXPLAIN " + prepared(conn, ask))) for ask in sent]
    assert sent
    assert found.rows or question == "family and birth"  # nobody was born
    whole = [
        plan for plan in plans if re.search(r"Seq Scan on (resource_observation|resource_patient|locator_all|search_text_all|relation_all)", plan)
    ]
    assert not whole, whole[0]
