"""Every search parameter that has a value in an official example finds it by a query written from the value, and not without it."""

import re
from datetime import UTC, datetime

import pytest

from tests.fhir import search_cases
from yba.fhir import errors, fhirpath, match, parameters, query, search, values

pytestmark = pytest.mark.skipif(not search_cases.EXAMPLES.is_dir(), reason="public FHIR examples are not beside this repository")
NOW = match.World(now=datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture(scope="module")
def documents():
    return list(search_cases.documents())


def test_every_value_is_found_by_a_query_written_from_it(documents):
    count, missed, kinds = 0, [], set()
    for doc in documents:
        rtype = doc["resourceType"]
        for code, text in search_cases.of(doc):
            asked = query.parse(rtype, [(code, text)])
            assert query.parse(rtype, asked.pairs()) == asked
            kinds.add(parameters.parameters(rtype)[code].type)
            count += 1
            if not match.matches(asked, doc, NOW):
                missed.append((rtype, doc.get("id"), code, text))
    assert not missed
    assert count > 5_000
    assert kinds == {"token", "string", "date", "quantity", "number", "reference", "uri", "composite"}


def test_what_is_found_carries_the_tokens_that_the_index_is_asked_for(documents):
    count = 0
    for doc in documents:
        rtype = doc["resourceType"]
        tokens = set(search.index(rtype, doc).tokens)
        for code, text in search_cases.of(doc):
            (term,) = query.parse(rtype, [(code, text)]).criteria
            if asked := search.asked(rtype, term):
                count += 1
                assert tokens & set(asked.tokens), (rtype, doc.get("id"), code, text)
    assert count > 3_000


def test_values_are_where_fhirpath_finds_them(documents):
    """Two makers of one answer: the routes of the definitions and the FHIRPath engine."""
    count = 0
    for doc in documents:
        rtype = doc["resourceType"]
        if errors(doc):
            continue
        for code, one in parameters.parameters(rtype).items():
            # `as` takes one value only; R4's own expressions give it many
            expression = re.sub(r"\(([\w.]+) as (\w+)\)", r"\1.ofType(\2)", one.expression).replace(".as(", ".ofType(")
            if not expression or one.type == "composite" or (rtype, code) == ("Consent", "source-reference"):
                continue  # the source may be an Attachment: nothing that is referred to
            assert bool(fhirpath.compile(expression)(doc)) is bool(values.of(rtype, doc, code)), (rtype, doc.get("id"), code)
            count += 1
    assert count > 20_000


def test_a_value_is_not_found_in_a_resource_that_does_not_say_it(documents):
    """The resource without the elements that a parameter reads is found by none of its queries, and is missing it."""
    for doc in documents[:150]:
        rtype = doc["resourceType"]
        bare = {key: value for key, value in doc.items() if key in {"resourceType", "id"}}
        for code, text in search_cases.of(doc):
            if code in {"_id", "deceased"}:
                continue
            assert not match.matches(query.parse(rtype, [(code, text)]), bare, NOW), (rtype, code, text)
            assert not values.of(rtype, bare, code)


def test_a_parameter_is_missing_exactly_where_it_says_nothing(documents):
    for doc in documents:
        rtype = doc["resourceType"]
        for code, one in parameters.parameters(rtype).items():
            if not one.expression or one.type == "composite":
                continue
            missing = match.matches(query.parse(rtype, [(f"{code}:missing", "true")]), doc)
            assert missing is not match.matches(query.parse(rtype, [(f"{code}:missing", "false")]), doc)
            assert missing is (not values.of(rtype, doc, code))
