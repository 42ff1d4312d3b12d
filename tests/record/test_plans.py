"""The plans the app role gets under row security: the index must be used (docs/decisions/0004-row-security.md)."""

import pytest

from yba.fhir import search
from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.record import put_many

TOKEN = search.token("code", "http://icd", "A7")


@pytest.fixture
def filled(database, operator, put, condition):
    """Enough rows for an index to be worth it, of two facilities."""
    with unit_of_work(by=operator) as conn:
        puts = [put(condition(n, code=f"A{n % 500}"), facility=("01003", "79001")[n % 2], fresh=True) for n in range(4000)]
        put_many(conn, by=operator, puts=puts)
    with database.as_owner() as conn:
        conn.execute("ANALYZE resource")
    return database


def plan(by, statement, given):
    with unit_of_work(by=by) as conn:
        return "\n".join(row[0] for row in conn.execute("EXPLAIN " + statement, given))


@pytest.mark.parametrize("by", [Actor.facility_client("01003"), Actor.operator()])
def test_token_search_uses_the_gin_index(filled, by):
    found = plan(by, "SELECT doc FROM resource_seen WHERE rtype = 'Condition' AND tokens @> %s::bigint[] AND NOT deleted", ([TOKEN],))
    assert "resource_condition_tokens_idx" in found
    assert "resource_observation" not in found  # other partitions are not even planned
    assert "Seq Scan" not in found


def test_without_superuser_the_policy_alone_would_lose_it(filled):
    """Why the view exists: should this fail one day, the view can go."""
    with filled.as_owner() as conn:
        leakproof = conn.execute("SELECT proleakproof FROM pg_proc WHERE proname = 'arraycontains'").fetchone()[0]
    by = Actor.facility_client("01003")
    found = plan(by, "SELECT doc FROM resource WHERE rtype = 'Condition' AND tokens @> %s::bigint[]", ([TOKEN],))
    assert ("resource_condition_tokens_idx" in found) is leakproof


def test_whether_anything_is_masked_reads_labelled_rows_alone(filled, operator, put, condition, binh):
    with unit_of_work(by=operator) as conn:
        put_many(conn, by=operator, puts=[put(condition(9000 + n), person=binh, labels=("hiv",), fresh=True) for n in range(20)])
    found = plan(Actor.facility_client("01003"), "SELECT EXISTS (SELECT FROM resource WHERE labels IS NOT NULL AND person_id = %s)", (binh,))
    assert "resource_condition_person_id_idx" in found
    assert "Seq Scan on resource_condition" not in found


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("SELECT doc FROM resource WHERE rtype = 'Condition' AND person_id = %s AND id = gen_random_uuid()", "resource_condition_person_id_id_idx"),
        ("SELECT doc FROM resource WHERE source_id = %s", "resource_condition_source_id_idx"),
        ("SELECT person_id FROM locator WHERE key = %s", "locator_all_pkey"),
    ],
)
def test_keys_work_under_the_policy(filled, statement, index, binh):
    assert index in plan(Actor.facility_client("01003"), statement, (binh,))
