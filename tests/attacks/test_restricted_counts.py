"""What is restricted cannot be told from counts, totals, pages or orders: records that differ only in what is hidden answer the same."""

import re
from uuid import UUID

import orjson
import pytest

from tests.attacks.conftest import OURS, THEIRS, asked, condition, doctor, patient, put, visits
from yba import record
from yba.fhir import search
from yba.kit import Actor, clock

HIDDEN = {
    "one HIV diagnosis": [("B20", OURS, ("hiv",))],
    "one psychiatric diagnosis": [("F20", OURS, ("psychiatry",))],
    "several, elsewhere": [
        ("B20", THEIRS, ("hiv",)),
        ("F20", THEIRS, ("psychiatry",)),
        ("A15", THEIRS, ("tuberculosis",)),
        ("B20", THEIRS, ("hiv", "psychiatry")),
    ],
}
PERSON = {name: UUID(int=number << 64) for number, name in enumerate([*HIDDEN, "nothing"], 0x10)}
B20 = search.token("code", "http://hl7.org/fhir/sid/icd-10", "B20")
SYSTEM_ONLY = search.token("code", "http://hl7.org/fhir/sid/icd-10", "I10")


@pytest.fixture
def people(database):
    for name, person in PERSON.items():
        put(patient(person, "LÊ VĂN MỘT"), condition(1, person), condition(2, person, "E11"))
        put(*(condition(100 + n, person, code, facility, labels) for n, (code, facility, labels) in enumerate(HIDDEN.get(name, []))))
        visits(person, OURS)


def told(person, by):
    """Everything a doctor can be told of a person, with what must differ (ids, moments) taken out."""

    def tidy(text):
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", str(text))
        return re.sub(r"\d{4}-\d\d-\d\dT[0-9:.+]+", "NOW", text)

    def ask(conn):
        page = record.page_of(conn, by=by, person_id=person)
        return {
            "text": record.as_text(page, today=clock.today()),
            "resources": page.data.resources,
            "masked": page.masked,
            "search": len(record.with_tokens(conn, by=by, rtype="Condition", tokens=[B20], person_id=person)),
            "search of all": len(record.with_tokens(conn, by=by, rtype="Condition", tokens=[B20])),
            "limit": [one.rtype for one in record.with_tokens(conn, by=by, rtype="Condition", tokens=[SYSTEM_ONLY], person_id=person, limit=1)],
            "coverage": record.coverage_of_data(conn, by=by, person_id=person),
            "by id": [record.get(conn, by=by, rtype="Condition", id=condition(100 + n, person).id) for n in range(5)],
            "versions": [record.history(conn, by=by, rtype="Condition", id=condition(100 + n, person).id) for n in range(5)],
        }

    return {key: tidy(value) for key, value in asked(by, ask).items()}


DOCTOR = doctor(OURS)


@pytest.mark.law("DLCN-R32", "BAOMAT-CB-R02")
def test_hidden_diagnoses_make_no_difference_but_the_one_word_that_something_is_hidden(people):
    first, *others = [told(PERSON[name], DOCTOR) for name in HIDDEN]
    for other in others:
        assert other == first, "which category, how many, where: nothing of it shows"
    nothing = told(PERSON["nothing"], DOCTOR)
    differing = {key for key in first if first[key] != nothing[key]}
    assert differing == {"masked", "text"}, "only that something is masked is said"
    assert first["masked"] == "True"
    assert [line for line in first["text"].splitlines() if line not in nothing["text"].splitlines()] == [
        "Hồ sơ này có nội dung được che theo quy định về thông tin hạn chế."
    ]
    assert first["search of all"] == "0"


def test_the_bundle_says_that_something_is_hidden_and_no_more(people):
    by = Actor.operator()

    def bundle(name):
        raw = asked(by, lambda conn: record.bundle_of(conn, by=by, person_id=PERSON[name])).decode()
        return re.sub(r'"lastUpdated":"[^"]+"', '"lastUpdated":"NOW"', re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", raw))

    made = {name: bundle(name) for name in PERSON}
    assert len({made[name] for name in HIDDEN}) == 1
    assert orjson.loads(made["nothing"])["total"] == orjson.loads(made["one HIV diagnosis"])["total"] == 3
    assert "hiv" not in made["one HIV diagnosis"].lower()
