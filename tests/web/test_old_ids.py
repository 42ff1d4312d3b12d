"""An id that was merged keeps answering over HTTP: addresses lead on, and the citizen whose account has the old id keeps the own record."""

import orjson

from tests.identity.people import CARD, CITIZEN, facts
from tests.web.test_views import OPERATOR, province, signed_in  # noqa: F401  fixtures
from yba import identity, record
from yba.fhir import search
from yba.record import Put


def known(conn, *said):
    """People with the Patients that ingest would put."""
    found = identity.resolve_many(conn, by=OPERATOR, facts=said)
    for one in found:
        for doc in (one.golden, one.source):
            index = search.index("Patient", doc)
            put = Put("Patient", doc["id"], one.person_id, orjson.dumps(doc), index.tokens, None, None, "", None, (), "1")
            record.put_many(conn, by=OPERATOR, puts=[put])
    return [one.person_id for one in found]


def test_an_old_address_and_an_old_account_lead_to_the_record_of_today(province, signed_in):  # noqa: F811
    keep, drop = known(
        province, facts(citizen_number=CITIZEN), facts("11002", "B1", card=CARD, name="Trần Mỹ Hạnh", birth="1960", phone="0987", address="Chợ")
    )
    citizen, _ = signed_in("citizen", facility="", person=drop)
    assert citizen.get("/me")["Location"] == f"/record/{drop}"
    assert citizen.get(f"/record/{drop}").status_code == 200
    plan = identity.plan_merge(province, by=OPERATOR, keep=keep, drop=drop, reason="một người")
    done = record.carry_out(province, by=OPERATOR, plan=plan)

    assert citizen.get("/me")["Location"] == f"/record/{keep}"
    opened = citizen.get(f"/record/{keep}")
    assert (opened.status_code, "Hạnh" in opened.text) == (200, True)
    assert citizen.get(f"/record/{drop}").status_code == 200, "the same page under the old id"
    assert citizen.get(f"/record/{keep}/looks?all=1").text.count("Chính bạn") > 1, "looks at the old id stand beside those at the new one"
    doctor, _ = signed_in("doctor")
    assert doctor.get(f"/record/{drop}")["Location"] == f"/record/{keep}", "whoever may not read it is refused at the id of today"
    assert doctor.get(f"/record/{keep}").status_code == 403

    record.carry_out(province, by=OPERATOR, plan=identity.plan_undo(province, by=OPERATOR, act=done.act, reason="nhầm"))
    assert citizen.get("/me")["Location"] == f"/record/{drop}"
    assert citizen.get(f"/record/{keep}").status_code == 403, "two people again"
