"""The FHIRPath subset: what it reads, what it refuses, and that it covers every R4 search parameter."""

import pytest

from yba.fhir import definitions, parameters
from yba.fhir.extract import routes
from yba.fhir.paths import As, Equals, ExistsAndNotFalse, Get, RefersTo, UnsupportedExpressionError, parse


@pytest.mark.parametrize(
    ("expression", "paths"),
    [
        ("Patient.name.given", ((Get("Patient"), Get("name"), Get("given")),)),
        ("A.b | A.c.d", ((Get("A"), Get("b")), (Get("A"), Get("c"), Get("d")))),
        ("(Observation.value as Quantity)", ((Get("Observation"), Get("value"), As("Quantity")),)),
        ("(O.value as CodeableConcept).text", ((Get("O"), Get("value"), As("CodeableConcept"), Get("text")),)),
        ("C.onset.as(Age)", ((Get("C"), Get("onset"), As("Age")),)),
        ("C.onset.ofType(Age)", ((Get("C"), Get("onset"), As("Age")),)),
        ("E.subject.where(resolve() is Patient)", ((Get("E"), Get("subject"), RefersTo("Patient")),)),
        ("P.telecom.where(system='phone')", ((Get("P"), Get("telecom"), Equals("system", "phone")),)),
        ("P.extension('http://x').value", ((Get("P"), Get("extension"), Equals("url", "http://x"), Get("value")),)),
        ("P.deceased.exists() and P.deceased != false", ((Get("P"), Get("deceased"), ExistsAndNotFalse()),)),
    ],
)
def test_reads(expression, paths):
    assert parse(expression) == paths


@pytest.mark.parametrize("expression", ["", "A.b |", "A.b.first()", "(A.b", "A.b.where(c)", "A.b[0]", "A.where(resolve() as B)", "A.b; drop"])
def test_refuses(expression):
    with pytest.raises(UnsupportedExpressionError):
        parse(expression)


def test_every_r4_search_parameter_reaches_an_element():
    unsupported = {
        (rtype, one.code)
        for rtype in definitions.resource_types()
        for one in parameters.parameters(rtype).values()
        if one.expression and one.type != "composite" and not _reaches(rtype, one.expression)
    }
    assert unsupported == parameters.NOT_INDEXABLE


def _reaches(rtype, expression):
    try:
        return bool(routes(rtype, expression))
    except UnsupportedExpressionError:
        return False


def test_choice_of_type_is_spelt_out():
    found = {route.hops[-1].key for route in routes("Observation", "Observation.effective")}
    assert found == {"effectiveDateTime", "effectivePeriod", "effectiveTiming", "effectiveInstant"}
    assert [route.hops[-1].key for route in routes("Observation", "(Observation.value as Quantity)")] == ["valueQuantity"]


def test_a_path_that_leads_nowhere_is_refused():
    with pytest.raises(UnsupportedExpressionError):
        routes("Patient", "Patient.nickname")
