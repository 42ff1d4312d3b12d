"""The plans a user's hot queries get as the app role, first and second lock on: each keeps its index (docs/decisions/0016)."""

from datetime import timedelta
from uuid import UUID

import pytest
from psycopg import sql

from yba import access
from yba.access import PERSON, RESOURCE, Relation, RelationKind, Right, UnitKind
from yba.fhir import search
from yba.kit import Actor, Grant, clock
from yba.kit.db import reading

TOKEN = search.token("code", "http://icd", "A7")
WHO = UUID(int=1007)
CLAIM = access.Columns(facility="facility", labels=None, rtype=None)
FILL = f"""
INSERT INTO resource (updated, version, person_id, source_id, rtype, id, facility_id, mapped_by, tokens, doc)
SELECT now(), 1, ('00000000-0000-0000-0000-' || lpad(to_hex(1000 + n % 400), 12, '0'))::uuid, gen_random_uuid(), 'Condition', gen_random_uuid(), '01003', 't',
       ARRAY[CASE n % 500 WHEN 7 THEN {TOKEN} ELSE n END], '{{}}' FROM generate_series(1, 6000) n;
INSERT INTO claim_all (landing, id, person_id, patient_id, version, facility, link, decision, mapped_by, digest, who, row_keys)
SELECT n, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, '01003', n::text, '3176', '1', '', '', '' FROM generate_series(1, 3000) n;
INSERT INTO person_source_all (facility, local_id, variant, person_id, patient_id, sent, kept, seen_at, sequence)
SELECT '01003', n::text, 1, gen_random_uuid(), gen_random_uuid(), '{{}}', '{{}}', now(), n FROM generate_series(1, 3000) n;
INSERT INTO identifier_owner_all (type, value, person_id, sequence, claimed)
SELECT 'CCCD', n::text, gen_random_uuid(), n, false FROM generate_series(1, 3000) n;
"""  # noqa: S608  a number of ours
DOCTOR = Actor.user(UUID(int=7), [Grant("doctor", frozenset({"01003"}))], purpose="treatment")
NURSE = Actor.user(UUID(int=8), [Grant("station-nurse", areas=frozenset({"00004"}))], purpose="treatment")
CITIZEN = Actor.user(UUID(int=9), [Grant("citizen", persons=frozenset({WHO}))], purpose="own-record")
AUDITOR = Actor.user(UUID(int=10), [Grant("claims-auditor", frozenset({"01003"}))], purpose="payment")
CLERK = Actor.user(UUID(int=11), [Grant("record-clerk", frozenset({"01003"}))], purpose="administration")
SOURCE = access.Columns(facility="facility", labels=None, rtype=None)


@pytest.fixture
def filled(database):
    with database.as_owner() as conn:
        conn.execute(FILL)
        conn.commit()
    system, now = Actor.system("test"), clock.now()
    with reading(by=system) as conn:
        relations = [
            Relation(
                UUID(int=1000 + n % 400),
                UnitKind.FACILITY,
                ("01003", "79001")[n % 2],
                RelationKind.VISIT,
                now - timedelta(days=1),
                None,
                "Claim",
                "",
                UUID(int=n),
            )
            for n in range(1, 3000)
        ]
        access.relate_many(conn, by=system, relations=relations, fresh=True)
    with database.as_owner() as conn:
        conn.execute("ANALYZE")
        conn.commit()
    return database


HOT = {
    "page": ("SELECT doc FROM resource WHERE person_id = %(one)s AND rtype = 'Condition' AND NOT deleted AND {}", RESOURCE, "resource_condition_person_id_id_idx"),
    "search": ("SELECT doc FROM resource_seen WHERE rtype = 'Condition' AND tokens @> %(tokens)s::bigint[] AND {}", RESOURCE, "resource_condition_tokens_idx"),
    "claims of a person": ("SELECT id FROM claim WHERE person_id = %(one)s AND {}", CLAIM, "claim_person"),
    "claim": ("SELECT id FROM claim WHERE id = %(one)s AND {}", CLAIM, "claim_pkey"),
    "find by number": ("SELECT person_id FROM identifier_owner WHERE type = 'CCCD' AND value = '7' AND {}", PERSON, "identifier_owner_pkey"),
    "patient number": ("SELECT person_id FROM person_source WHERE facility = '01003' AND local_id = '7' AND {}", SOURCE, "person_source_pkey"),
    "relations": ("SELECT kind FROM relation WHERE person_id = %(one)s AND {}", PERSON, "relation_all_pkey"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("query", "by", "right", "person"),
    [
        ("page", DOCTOR, Right.RECORD_CLINICAL_READ, WHO), ("page", NURSE, Right.RECORD_CLINICAL_READ, WHO), ("page", CITIZEN, Right.RECORD_CLINICAL_READ, WHO),
        ("page", DOCTOR, Right.RECORD_CLINICAL_READ, None), ("page", Actor.operator(), Right.RECORD_CLINICAL_READ, WHO),
        ("search", DOCTOR, Right.RECORD_CLINICAL_SEARCH, None), ("search", NURSE, Right.RECORD_CLINICAL_SEARCH, None),
        ("search", Actor.operator(), Right.RECORD_CLINICAL_SEARCH, None), ("search", Actor.facility_client("01003"), Right.RECORD_CLINICAL_SEARCH, None),
        ("claims of a person", AUDITOR, Right.INGEST_CLAIM_READ, None), ("claim", AUDITOR, Right.INGEST_CLAIM_READ, None), ("claim", Actor.operator(), Right.INGEST_CLAIM_READ, None),
        ("find by number", DOCTOR, Right.IDENTITY_PERSON_FIND, None), ("find by number", Actor.operator(), Right.IDENTITY_PERSON_FIND, None),
        ("patient number", CLERK, Right.IDENTITY_PERSON_FIND, None),
        ("relations", DOCTOR, Right.ACCESS_RELATION_READ, WHO),
    ],
)  # fmt: skip
def test_a_hot_query_keeps_its_index_under_both_locks(filled, query, by, right, person):
    text, columns, index = HOT[query]
    with reading(by=by) as conn:
        seen = access.predicate(conn, by=by, right=right, columns=columns, person=person)
        statement = sql.SQL("EXPLAIN " + text).format(seen.sql)
        plan = "\n".join(row[0] for row in conn.execute(statement, {"one": WHO, "tokens": [TOKEN], **seen.params}))
    assert index in plan
    assert "Seq Scan" not in plan
