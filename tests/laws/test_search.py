"""Two makers of one answer must agree: compiled index and SQL search against an obvious search that walks the documents."""

import re
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from yba.fhir import definitions, parameters, search
from yba.record import Put, put_many, with_tokens

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "fhir-tests"
SAME = {"patient": "subject", "beneficiary": "subject"}

# --- the obvious way: no definitions, no compiling; strings cut by regular expressions --------------------------------------------


def values(doc, expression):
    """Values of an expression, each with the type its property name tells ("" = not told)."""
    if match := re.match(r"^([\w.]+)\.exists\(\) and ", expression):
        found = [value for value, _ in walk(doc, match[1].split(".")[1:])]
        return [(any(value is not False for value in found), "boolean")]
    everything = []
    for term in expression.split(" | "):
        only = re.search(r"\.where\(resolve\(\) is (\w+)\)", term)
        filter_ = re.search(r"\.where\((\w+)='([^']*)'\)", term)
        as_ = re.search(r" as (\w+)\)|\.as\((\w+)\)", term)
        plain = re.sub(r"\.where\(resolve\(\) is \w+\)|\.where\(\w+='[^']*'\)| as \w+|\.as\(\w+\)|[()]", "", term)
        found = walk(doc, plain.split(".")[1:])
        if only:
            found = [one for one in found if f"/{only[1]}/" in "/" + one[0].get("reference", "") or one[0].get("type") == only[1]]
        if filter_:
            found = [one for one in found if one[0].get(filter_[1]) == filter_[2]]
        if as_:
            found = [one for one in found if one[1].lower() == (as_[1] or as_[2]).lower()]
        everything += found
    return everything


def walk(node, names, told=""):
    if not names:
        return [(one, told) for one in (node if isinstance(node, list) else [node]) if one is not None]
    found = []
    for part in node if isinstance(node, list) else [node]:
        for key, value in part.items() if isinstance(part, dict) else ():
            rest = key[len(names[0]) :]
            if key.startswith(names[0]) and (not rest or (rest[0].isupper() and rest in TYPES and names[0] in CHOICES)):
                found += walk(value, names[1:], rest)
    return found


PRIMITIVES = "Boolean String Code Uri Url Canonical DateTime Date Time Instant Integer Decimal"
TYPES = set(f"{PRIMITIVES} CodeableConcept Coding Reference Identifier Quantity Range Ratio Period Age Timing SampledData Attachment".split())
CHOICES = {name.name for rtype in definitions.resource_types() for name in definitions.elements(rtype).values() if len(name.fields) > 1} | {
    "item",
    "value",
}


def questions(param, value):
    """Every question that should find a value."""
    name = SAME.get(param, param)
    if isinstance(value, bool):
        return {(name, "true" if value else "false")}
    if isinstance(value, str):
        return {(name, value)} | ({(name, value.split("|")[0])} if "|" in value and value.startswith("http") else set())
    if "coding" in value or set(value) <= {"text", "id", "extension"}:
        return {question for coding in value.get("coding", []) for question in pair(name, coding.get("system"), coding.get("code"))}
    if "reference" in value or "identifier" in value:
        found = set()
        target = value.get("reference", "#").split("/_history/")[0]
        if not target.startswith("#"):
            found.add((name, target))
        if "identifier" in value:
            found |= pair(f"{name}:identifier", value["identifier"].get("system"), value["identifier"].get("value"))
        return found
    if "code" in value:
        return pair(name, value.get("system"), value["code"])
    if value.get("system") in {"phone", "email", "fax", "url", "pager", "sms", "other"}:
        return {(name, value["value"])} if "value" in value else set()
    return pair(name, value.get("system"), value.get("value"))


def pair(name, system, code):
    if code and system:
        return {(name, system, code), (name, code), (name, system, "")}
    return {(name, "", code), (name, code)} if code else {(name, system, "")} if system else set()


def obvious(doc):
    """All questions that should find a resource."""
    found = set()
    for one in parameters.profile(doc["resourceType"]).tokens:
        for value, _ in values(doc, one.expression):
            if isinstance(value, dict) and "contentType" in value:
                continue  # an Attachment has no token
            found |= questions(one.code, value)
    return found


def tokens(doc):
    return {search.token(*question) for question in obvious(doc)}


# --- the compiled index -----------------------------------------------------------------------------------------------------------


def example_documents():
    for file in sorted(EXAMPLES.rglob("*.json")):
        data = orjson.loads(file.read_bytes())
        docs = [data] if isinstance(data, dict) else []
        docs += [entry["resource"] for doc in docs for entry in doc.get("entry", []) if isinstance(entry, dict) and "resource" in entry]
        yield from (doc for doc in docs if doc.get("resourceType") in definitions.resource_types())


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="public FHIR examples are not beside this repository")
def test_index_of_public_examples():
    count = 0
    for doc in example_documents():
        found = search.index(doc["resourceType"], doc)
        assert set(found.tokens) == tokens(doc), (doc["resourceType"], doc.get("id"))
        assert len(found.tokens) == len(set(found.tokens))
        count += len(found.tokens)
    assert count > 1000


CODES = st.sampled_from(["I10", "J18", "A90"])
SYSTEMS = st.sampled_from(["http://icd", "http://loinc.org"])
CODING = st.fixed_dictionaries({}, optional={"system": SYSTEMS, "code": CODES})
CONCEPT = st.fixed_dictionaries({}, optional={"coding": st.lists(CODING, max_size=3), "text": st.just("x")})
TARGET = st.sampled_from(["Patient/1", "Patient/2", "Group/1", "http://h/Patient/1", "#p", "urn:uuid:1", "Patient/1/_history/2"])
REFERENCE = st.fixed_dictionaries(
    {},
    optional={"reference": TARGET, "type": st.just("Patient"), "identifier": st.fixed_dictionaries({}, optional={"system": SYSTEMS, "value": CODES})},
)
DATES = st.sampled_from(["2026", "2026-03", "2026-03-12", "2026-03-12T10:00:00+07:00"])
PERIOD = st.fixed_dictionaries({}, optional={"start": DATES, "end": DATES})
IDENTIFIERS = st.lists(st.fixed_dictionaries({}, optional={"system": SYSTEMS, "value": CODES}), max_size=2)

DOCUMENTS = st.one_of(
    st.fixed_dictionaries(
        {"resourceType": st.just("Condition")},
        optional={"code": CONCEPT, "subject": REFERENCE, "identifier": IDENTIFIERS, "category": st.lists(CONCEPT, max_size=2), "onsetPeriod": PERIOD},
    ),
    st.fixed_dictionaries(
        {"resourceType": st.just("Observation")},
        optional={
            "code": CONCEPT,
            "status": st.sampled_from(["final", "amended"]),
            "subject": REFERENCE,
            "valueCodeableConcept": CONCEPT,
            "component": st.lists(st.fixed_dictionaries({}, optional={"code": CONCEPT, "valueCodeableConcept": CONCEPT}), max_size=2),
            "effectiveDateTime": DATES,
        },
    ),
    st.fixed_dictionaries(
        {"resourceType": st.just("Encounter")},
        optional={
            "class": CODING,
            "subject": REFERENCE,
            "location": st.lists(st.fixed_dictionaries({"location": REFERENCE}), max_size=2),
            "period": PERIOD,
        },
    ),
)


@given(DOCUMENTS)
def test_index_of_any_document(doc):
    assert set(search.index(doc["resourceType"], doc).tokens) == tokens(doc)


# --- the search in the database ---------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DOCUMENTS, min_size=1, max_size=12), st.data())
def test_sql_search_is_the_obvious_search(conn, operator, docs, data):
    puts = []
    for number, doc in enumerate(docs):
        doc["id"] = str(number)
        index = search.index(doc["resourceType"], doc)
        puts.append(
            Put(doc["resourceType"], doc["id"], UUID(int=number % 3), orjson.dumps(doc), index.tokens, index.start, index.end, "", None, (), "t")
        )
    savepoint = sql.SQL("hypothesis")
    conn.execute(sql.SQL("SAVEPOINT {}").format(savepoint))
    put_many(conn, by=operator, puts=puts)
    everything = sorted({question for doc in docs for question in obvious(doc)}) or [("code", "none")]
    asked = data.draw(st.lists(st.sampled_from(everything), min_size=1, max_size=3))
    person = data.draw(st.sampled_from([None, UUID(int=0), UUID(int=1)]))
    for rtype in {doc["resourceType"] for doc in docs}:
        found = with_tokens(conn, by=operator, rtype=rtype, tokens=[search.token(*question) for question in asked], person_id=person)
        expected = {
            doc["id"]
            for number, doc in enumerate(docs)
            if doc["resourceType"] == rtype and set(asked) <= obvious(doc) and (person is None or person == UUID(int=number % 3))
        }
        assert {one.id for one in found} == expected
    conn.execute(sql.SQL("ROLLBACK TO SAVEPOINT {}").format(savepoint))
