"""Search parameters indexed while everybody works: the same answers before, during and after; killed and resumed; without a lock on writers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.record.rest_world import CLIENT, OPERATOR, patient, save
from yba import record
from yba.cli.main import yba
from yba.fhir import match
from yba.fhir import query as fq
from yba.kit import Actor, Conflict, Invalid, NotFound, clock
from yba.kit.db import reading, unit_of_work
from yba.kit.settings import SEARCH_SCAN
from yba.record import TooCostly, indexing, jobs, store

PARAMS = ("lot-number", "reaction-date", "reason-code")
QUESTIONS = (
    "lot-number=a1", "lot-number=b", "lot-number=a1,c3", "lot-number:exact=B2", "reaction-date=2026-03", "reaction-date=gt2026-03-02",
    "reaction-date=le2026-03-02", "reaction-date=ne2026-03-02", "reason-code=x", "reason-code=http://s|y", "reason-code=http://s|", "lot-number:missing=true",
)  # fmt: skip


def shot(subject, lot="A1", day="2026-03-02", reason="x", **more):
    return {
        "resourceType": "Immunization", "status": "completed", "vaccineCode": {"text": "BCG"}, "patient": {"reference": f"Patient/{subject}"},
        "occurrenceDateTime": "2026-03-01", "lotNumber": lot, "reaction": [{"date": day}],
        "reasonCode": [{"coding": [{"system": "http://s", "code": reason}]}], **more,
    }  # fmt: skip


@pytest.fixture
def few(monkeypatch):
    """Batches of two: what goes on where another stopped is met at once."""
    monkeypatch.setattr(indexing, "_BATCH", 2)


def find(text, by=CLIENT, rtype="Immunization"):
    with reading(by=by) as conn:
        store.added.forget_known()
        pairs = [tuple(part.split("=", 1)) for part in text.split("&")]
        return sorted(one.id for one in record.find(conn, by=by, query=replace(fq.parse(rtype, pairs), count=1000)).rows)


def obvious(text, rtype="Immunization"):
    with reading(by=OPERATOR) as conn:
        rows = conn.execute("SELECT coalesce(given_id, id::text) FROM resource WHERE rtype = %s AND NOT deleted", (rtype,)).fetchall()
        docs = [record.get(conn, by=OPERATOR, rtype=rtype, id=row[0]) for row in rows]
    judge = match.compile(fq.parse(rtype, [tuple(part.split("=", 1)) for part in text.split("&")]), rtype)
    return sorted(one.id for one in docs if judge(one.doc))


def add(param, rtype="Immunization"):
    with unit_of_work(by=OPERATOR) as conn:
        record.add_index(conn, by=OPERATOR, rtype=rtype, param=param)


_NUMBERS = count()


def step(param):
    with unit_of_work(by=OPERATOR) as conn:
        return indexing._batch(conn, OPERATOR, "Immunization", param)


def listed():
    with reading(by=OPERATOR) as conn:
        return {(one.rtype, one.param): one for one in record.indexes(conn, by=OPERATOR)}


def rows():
    with reading(by=OPERATOR) as conn:
        return conn.execute(
            "SELECT param, count(*) FROM (SELECT param FROM search_text WHERE rtype = 'Immunization' UNION ALL"
            " SELECT param FROM search_range WHERE rtype = 'Immunization') x GROUP BY 1 ORDER BY 1"
        ).fetchall()


def later(minutes):
    return clock.frozen(clock.now() + timedelta(minutes=minutes))


@pytest.fixture
def many(database):
    """Twelve vaccinations of six people."""
    people = [save(patient(f"P{nth}", f"0011590000{nth:02}", name=f"Lê Văn {'ABCDEF'[nth]}"))[0] for nth in range(6)]
    lots, reasons = ("A1", "B2", "C3"), ("x", "y")
    return [save(shot(people[nth % 6].id, lots[nth % 3], f"2026-03-0{1 + nth % 5}", reasons[nth % 2]))[0] for nth in range(12)]


@pytest.mark.parametrize("param", PARAMS)
def test_what_was_too_costly_is_found_once_it_is_built(many, few, param):
    text = {"lot-number": "lot-number=b2", "reaction-date": "reaction-date=2026-03-05", "reason-code": "reason-code=http://s|y"}[param]
    expected = obvious(text)
    assert 0 < len(expected) < 12
    add(param)
    with SEARCH_SCAN.set_to(11):
        with pytest.raises(TooCostly):
            find(text)
        for _ in range(3):
            assert step(param).covered is None
        with pytest.raises(TooCostly):
            find(text)
        assert listed()["Immunization", param][2:5] == ("building", 6, 12)
        with later(10):
            assert record.build_index(by=OPERATOR, rtype="Immunization", param=param), "goes on where the killed one stopped"
            assert record.keep_up(by=OPERATOR) == 12, "all of it was written but a moment before the build began"
        assert listed()["Immunization", param][2:5] == ("ready", 12, 12)
        assert find(text) == expected


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(["save", "change", "delete", "move", "step", "keep up", "finish"]), st.integers(0, 11), st.sampled_from(PARAMS),
            st.sampled_from(["A1", "B2", "C3"]), st.sampled_from(["2026-03-01", "2026-03-02T10:00:00Z", "2026"]), st.sampled_from(["x", "y"]),
        ), min_size=3, max_size=9,
    )
)  # fmt: skip
def test_every_search_is_the_obvious_one_at_any_moment(migrated, few, acts):
    migrated.used = True
    with unit_of_work(by=OPERATOR) as conn:
        conn.execute("DELETE FROM search_added")
        left = conn.execute("SELECT rtype, coalesce(given_id, id::text) FROM resource WHERE rtype = 'Immunization' AND NOT deleted").fetchall()
        record.delete(conn, by=OPERATOR, refs=left)
        people = [save(patient(f"P{nth}", f"0011590000{nth:02}", name=f"Lê Văn {'ABCDEF'[nth]}"))[0] for nth in range(3)]
    made = {}
    for param in PARAMS:
        add(param)
    for minutes, (act, nth, param, lot, day, reason) in enumerate(acts, 1):
        with later(minutes):  # time goes on: what is covered lies before what is written next
            if act in {"save", "change"}:
                made.setdefault(nth, f"imm-{next(_NUMBERS)}")  # an id of an earlier example may stand with another person now
                save(shot(people[nth % 3].id, lot, day, reason) | {"id": made[nth]})
            elif act == "delete" and nth in made:
                with unit_of_work(by=CLIENT) as conn:
                    record.delete(conn, by=CLIENT, refs=[("Immunization", made.pop(nth))])
            elif act == "move" and nth in made:
                _moved(made.pop(nth), people[(nth + 1) % 3].person_id)
            elif act == "step":
                step(param)
            elif act == "finish":
                record.build_index(by=OPERATOR, rtype="Immunization", param=param)
            elif act == "keep up":
                record.keep_up(by=OPERATOR)
            for text in QUESTIONS:
                assert find(text) == obvious(text), text


def _moved(id_, person):
    """Give a resource to another person as a claim of another patient does: no new version."""
    with unit_of_work(by=OPERATOR) as conn:
        one = record.get(conn, by=OPERATOR, rtype="Immunization", id=id_)
        put = record.Put("Immunization", id_, person, one.json.encode(), [], one.start, one.end, one.facility_id, one.source_id, (), one.mapped_by)
        put.tokens = conn.execute("SELECT tokens FROM resource WHERE rtype = 'Immunization' AND given_id = %s", (id_,)).fetchone()[0]
        record.put_many(conn, by=OPERATOR, puts=[put])


def test_a_build_makes_no_writer_wait(many, few):
    add("lot-number")
    with unit_of_work(by=OPERATOR) as conn:
        indexing._batch(conn, OPERATOR, "Immunization", "lot-number")  # not committed
        held = conn.execute("SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'resource'::regclass").fetchall()
        assert held == [("AccessShareLock",)]
        xmax = conn.execute("SELECT count(*) FROM resource WHERE rtype = 'Immunization' AND xmax::text::bigint <> 0").fetchone()
        assert xmax == (0,), "no row of the record is locked"


def test_a_removal_is_heard_before_rows_go(many):
    add("lot-number")
    with later(10):
        record.build_index(by=OPERATOR, rtype="Immunization", param="lot-number")
    assert rows() == [("lot-number", 12)]
    with unit_of_work(by=OPERATOR) as conn:
        record.remove_index(conn, by=OPERATOR, rtype="Immunization", param="lot-number")
    assert listed()["Immunization", "lot-number"].state == "leaving"
    record.keep_up(by=OPERATOR)
    assert rows() == [("lot-number", 12)], "who has not heard of it yet may still look there"
    with SEARCH_SCAN.set_to(11), pytest.raises(TooCostly):
        find("lot-number=b2")
    with later(5):
        record.keep_up(by=OPERATOR)
    assert (rows(), listed()) == ([], {})
    assert find("lot-number=b2") == obvious("lot-number=b2")


def test_tombstones_leave_no_words_behind(many):
    add("lot-number")
    with later(10):
        record.build_index(by=OPERATOR, rtype="Immunization", param="lot-number")
    with unit_of_work(by=CLIENT) as conn:
        record.delete(conn, by=CLIENT, refs=[("Immunization", many[0].id)])
    with unit_of_work(by=OPERATOR) as conn:  # as if it had been built before the deletion
        conn.execute("UPDATE search_added SET covered = %s", (clock.now() - timedelta(hours=1),))
    record.keep_up(by=OPERATOR)
    assert rows() == [("lot-number", 11)]


def test_names_stored_before_there_were_rows_are_filled_in(database):
    old, new = save(patient("P1", name="Phạm Thị Xưa"))[0], save(patient("P2", name="Phạm Thị Nay"))[0]
    with unit_of_work(by=OPERATOR) as conn:
        conn.execute("DELETE FROM search_text WHERE person_id = %s", (old.person_id,))
    assert find("name=xua", rtype="Patient", by=OPERATOR) == []
    for param in ("name", "family", "given"):
        add(param, rtype="Patient")
        assert record.build_index(by=OPERATOR, rtype="Patient", param=param)
    for text in ("name=xua", "name=nay", "family=pham", "given=xua"):
        assert find(text, rtype="Patient", by=OPERATOR) == obvious(text, rtype="Patient") != []
    with reading(by=OPERATOR) as conn:
        again = "SELECT key, param, value, count(*) FROM search_text GROUP BY 1, 2, 3 HAVING count(*) > 1"
        assert conn.execute(again).fetchall() == []
    assert find("death-date=gt2020", rtype="Patient", by=OPERATOR) == []
    save(patient("P3", name="Phạm Thị Ba", deceasedDateTime="2026-01-05"))
    with SEARCH_SCAN.set_to(2):
        assert find("death-date=2026-01", rtype="Patient", by=OPERATOR) == obvious("death-date=2026-01", rtype="Patient") != [], (
            "the rows of a range are asked"
        )
    assert new.id


MEASURED = (
    ("5.4", "http://unitsofmeasure.org", "mmol/L"), ("0.0054", "http://unitsofmeasure.org", "mol/L"), ("97.3", "http://unitsofmeasure.org", "mg/dL"),
    ("5.4", "http://local", "units"), ("37.2", "http://unitsofmeasure.org", "Cel"), ("98.96", "http://unitsofmeasure.org", "[degF]"),
    ("5.4", "", ""), ("1e300", "http://unitsofmeasure.org", "Ym"), ("-4", "http://unitsofmeasure.org", "mV"), ("7", "http://unitsofmeasure.org", "no unit"),
)  # fmt: skip


def sugar(nth, subject):
    value, system, unit = MEASURED[nth]
    quantity = {"value": Decimal(value)} | ({"system": system, "code": unit} if system else {})
    compared = {"comparator": "<"} if nth == 2 else {}
    return {
        "resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://s", "code": "ab"[nth % 2]}]},
        "subject": {"reference": f"Patient/{subject}"}, "valueQuantity": quantity | compared,
    }  # fmt: skip


def test_quantities_are_found_in_any_unit_that_measures_the_same(database):
    """By themselves and as part of a composite: at a scan of none but what the rows lead to."""
    people = [save(patient(f"P{nth}", f"0011590000{nth:02}", name=f"Lê Văn {'ABCDEFGHIK'[nth]}"))[0] for nth in range(len(MEASURED))]
    for nth, person in enumerate(people):
        save(sugar(nth, person.id))
    ucum = "|http://unitsofmeasure.org|"
    questions = [
        f"{param}={before}{prefix}{number}{unit}"
        for param, before in (("value-quantity", ""), ("code-value-quantity", "http://s|a$"))
        for prefix in ("", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
        for number, unit in (
            ("5.4", f"{ucum}mmol/L"), ("0.0054", f"{ucum}mol/L"), ("5.4", ""), ("5.4", "|http://local|units"), ("5.4", "||units"), ("7", f"{ucum}no unit"),
            ("37.2", f"{ucum}Cel"), ("310.35", f"{ucum}K"), ("-3", f"{ucum}mV"), ("1e299", f"{ucum}Ym"), ("1e9", "|http://unitsofmeasure.org|"),
        )
    ] + [f"value-quantity=5.4{ucum}mmol/L,7{ucum}no unit"]  # fmt: skip
    expected = {text: obvious(text, rtype="Observation") for text in questions}
    add("value-quantity", rtype="Observation")
    with later(10):
        record.build_index(by=OPERATOR, rtype="Observation", param="value-quantity")
        record.keep_up(by=OPERATOR)
    assert {text: find(text, rtype="Observation") for text in questions} == expected
    narrow = f"value-quantity=37.2{ucum}Cel"
    with SEARCH_SCAN.set_to(3):  # both temperatures, and what is less than something
        assert find(narrow, rtype="Observation") == expected[narrow] != []
    with unit_of_work(by=OPERATOR) as conn:
        record.remove_index(conn, by=OPERATOR, rtype="Observation", param="value-quantity")
    with later(15):
        record.keep_up(by=OPERATOR)
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM search_range WHERE rtype = 'Observation'").fetchone() == (0,), "in base units too"


def test_what_cannot_be_indexed_is_said(database):
    for rtype, param, error in (
        ("Nothing", "x", NotFound), ("Patient", "nix", NotFound), ("Patient", "identifier", Invalid), ("Patient", "birthdate", Invalid),
        ("Observation", "code-value-quantity", Invalid), ("Location", "near", Invalid), ("Patient", "_lastUpdated", Invalid),
    ):  # fmt: skip
        with pytest.raises(error), unit_of_work(by=OPERATOR) as conn:
            record.add_index(conn, by=OPERATOR, rtype=rtype, param=param)
    add("lot-number")
    with pytest.raises(Conflict):
        add("lot-number")


def test_the_commands(many):
    run = CliRunner()
    made = run.invoke(yba, ["record", "index", "add", "Immunization", "lot-number"], catch_exceptions=False)
    assert "xong" in made.output
    assert "dùng được" in run.invoke(yba, ["record", "index", "list"], catch_exceptions=False).output
    assert run.invoke(yba, ["record", "index", "remove", "Immunization", "lot-number"], catch_exceptions=False).exit_code == 0
    assert "đang bỏ" in run.invoke(yba, ["record", "index", "list"], catch_exceptions=False).output
    counted = run.invoke(yba, ["record", "counts"], catch_exceptions=False).output
    assert "Immunization" in counted
    assert "Đã đổi 0" in run.invoke(yba, ["record", "visits"], catch_exceptions=False).output


def test_the_jobs_may_do_it(many):
    add("lot-number")
    jobs.build(by=Actor.system(indexing.JOB), rtype="Immunization", param="lot-number")
    with later(10):
        jobs.refresh(by=Actor.system("record:index:refresh"))
    assert listed()["Immunization", "lot-number"].state == "ready"
    with SEARCH_SCAN.set_to(11):
        assert find("lot-number=b2") == obvious("lot-number=b2") != []
