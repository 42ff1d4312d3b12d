"""Drawn resources of every R4 type: sound, the same through XML however it is written, judged without a rule that cannot be evaluated."""

import random
import re
from datetime import UTC

import pytest
from lxml import etree

from tests.fhir.drawn import TYPES, XHTML, Draw
from tests.fhir.test_xml import same
from yba.fhir import errors, from_xml, match, query, search, to_xml, validate

FHIR = "http://hl7.org/fhir"
DIV = re.compile(r"(<div[\s>].*?</div>(?=</text>))", re.DOTALL)
DRAWN = [(rtype, fill) for rtype in TYPES for fill in (0.2, 0.5, 1.0)]


def drawn(rtype, fill):
    return Draw(random.Random(f"{rtype}{fill}"), fill).resource(rtype)


@pytest.mark.parametrize("fill", [0.2, 0.5, 1.0])
def test_drawn_resources_are_sound_and_judged(fill):
    for rtype in TYPES:
        doc = drawn(rtype, fill)
        assert errors(doc) == [], rtype
        assert {one.code for one in validate(doc)} <= {"invariant"}, rtype


def test_drawn_resources_are_the_same_through_xml():
    for rtype, fill in DRAWN:
        doc = drawn(rtype, fill)
        xml = to_xml(doc)
        assert same(from_xml(xml), doc), rtype
        assert same(from_xml(to_xml(doc, pretty=True)), doc), rtype
        assert same(from_xml(noisy(xml)), doc), rtype
        assert canonical(to_xml(from_xml(prefixed(xml)))) == canonical(prefixed(xml)), rtype


def noisy(xml):
    """With a byte order mark, comments, instructions and a hint where the schema is, as editors of XML leave them."""
    text = (
        xml.decode()
        .partition("?>")[2]
        .replace(f'xmlns="{FHIR}"', f'xmlns="{FHIR}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{FHIR} ../x.xsd"', 1)
    )
    parts = [part if part.startswith("<div") else part.replace("><", '><!-- <x/> --><?pi a="b"?>\n <') for part in DIV.split(text)]
    return (
        f"\ufeff<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<!-- a --><?xml-stylesheet href='a'?>{''.join(parts)}\n<!-- end -->".encode()
    )


def prefixed(xml):
    """With prefixes for both namespaces, declared at the root."""
    root = etree.fromstring(xml)
    made = etree.Element(root.tag, root.attrib, nsmap={"f": FHIR, "h": XHTML})
    made.text = root.text
    made.extend(list(root))
    etree.cleanup_namespaces(made, top_nsmap={"f": FHIR, "h": XHTML})
    return etree.tostring(made, encoding="utf-8")


def canonical(xml):
    """The same text for documents that differ in prefixes alone."""
    return [
        (node.tag if isinstance(node.tag, str) else "comment", sorted(node.attrib.items()), node.text or "", node.tail or "")
        for node in etree.fromstring(xml).iter()
    ]


def test_a_comment_in_a_narrative_of_a_foreign_prefix_takes_no_text_along():
    xml = f'<h:div xmlns:h="{XHTML}">a<!-- c -->b<h:b>c</h:b><?p i?>d</h:div>'
    doc = from_xml(f'<Patient xmlns="{FHIR}"><text><status value="generated"/>{xml}</text></Patient>'.encode())
    assert doc["text"]["div"] == f'<div xmlns="{XHTML}">a<!-- c -->b<b>c</b>d</div>'


@pytest.mark.parametrize(
    ("doc", "wrong"),
    [
        ({"resourceType": "EvidenceVariable", "status": "draft", "characteristic": [{"definitionCanonical": "http://h/a", "usageContext": [{"code": {"code": "a"}, "valueQuantity": {"value": 1}}], "participantEffectivePeriod": {"start": "2026"}, "timeFromStart": {"value": 1, "system": "http://unitsofmeasure.org", "code": "d"}, "groupMeasure": "mean"}]}, []),
        ({"resourceType": "EvidenceVariable", "status": "draft"}, ["EvidenceVariable.characteristic: at least 1 needed"]),
        ({"resourceType": "EvidenceVariable", "status": "draft", "characteristic": [{"definitionId": "a"}]}, ["EvidenceVariable.characteristic[0].definitionId: unknown element", "EvidenceVariable.characteristic[0].definition: at least 1 needed"]),
        ({"resourceType": "DetectedIssue", "status": "registered"}, []),
        ({"resourceType": "DetectedIssue", "status": "mitigated"}, ["DetectedIssue.status: the code is not in the required set http://hl7.org/fhir/ValueSet/observation-status"]),
        ({"resourceType": "Basic", "code": {"text": "a"}, "meta": {"project": "urn:x"}}, ["Basic.meta.project: unknown element"]),
        ({"resourceType": "Binary", "contentType": "text/plain", "url": "http://h/a"}, ["Binary.url: unknown element"]),
        ({"resourceType": "ResearchStudy", "status": "active", "name": "a"}, ["ResearchStudy.name: unknown element"]),
        ({"resourceType": "SubscriptionStatus", "type": "handshake"}, ["resource: unknown resourceType"]),
    ],
)  # fmt: skip
def test_what_the_package_of_definitions_had_mixed_into_r4(doc, wrong):
    assert errors(doc) == wrong


def test_the_outcome_of_an_entry_is_a_resource_in_xml():
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}
    doc = {"resourceType": "Bundle", "type": "batch-response", "entry": [{"response": {"status": "404", "outcome": outcome}}]}
    assert b"<outcome><OperationOutcome><issue>" in to_xml(doc)
    assert from_xml(to_xml(doc)) == doc
    assert errors(doc) == []


@pytest.mark.parametrize("side", [{"unit": "a"}, {"extension": [{"url": "http://h/why", "valueCode": "unknown"}]}, {"value": 1, "comparator": "<"}])
def test_a_range_whose_side_says_no_one_value_breaks_no_rule_of_order(side):
    doc = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}, "onsetRange": {"low": side, "high": {"value": 3}}}
    assert not [one for one in validate(doc) if one.key == "rng-2"]


@pytest.mark.parametrize(
    ("moment", "year", "not_year"),
    [
        ("2016-12-31T23:59:60+07:00", "2016", "2017"),  # R4 knows leap seconds: the last of its minute, its day and its year
        ("2016-12-31T23:59:60.5Z", "2017", "2016"),  # here it is the next year by then
        ("2026-03-12T12:30:15.12345678901234567890123456789+07:00", "2026", "2025"),  # any number of digits
        ("9999-12-31", "9999", "9998"),
        ("0001", "0001", "0002"),
        ("0001-01", "0001", "0002"),
        ("0001-01-01", "0001", "0002"),
        ("0001-01-01T00:00:00+07:00", "0001", "0002"),
        ("0001-01-01T00:00:01.5+14:00", "0001", "0002"),
    ],
)
def test_dates_at_the_edges_of_what_r4_allows_are_found(moment, year, not_year):
    doc = {"resourceType": "ClaimResponse", "created": moment}
    assert not [one for one in errors(doc) if "created" in one]
    for asked in (moment, f"ge{moment}", f"le{moment}", f"ap{moment}", year):
        assert match.matches(query.parse("ClaimResponse", [("created", asked)]), doc), asked
    for asked in (f"gt{moment}", f"lt{moment}", f"ne{moment}", f"sa{moment}", f"eb{moment}", not_year):
        assert not match.matches(query.parse("ClaimResponse", [("created", asked)]), doc), asked


@pytest.mark.parametrize("moment", ["0001", "0001-01-01T00:00:00+07:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999"])
def test_moments_of_no_year_of_the_database_stay_out_of_it(moment):
    """0001 begins in the year before it, in UTC: it went in, and no search over its type came back."""
    index = search.index("ClaimResponse", {"resourceType": "ClaimResponse", "created": moment})
    assert all(0 < one.astimezone(UTC).year < 10_000 for one in (index.start, index.end))
