"""FHIR XML: there and back for official examples and for generated resources of every type; hostile and wrong input named by line."""

import contextlib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.fhir.drawn import digits
from yba.fhir import errors, from_xml, to_xml
from yba.fhir.definitions import elements, is_primitive, resource_types
from yba.kit import Invalid, exact

TESTS = Path(__file__).resolve().parents[3] / "shared" / "fhir-tests"
HERE = TESTS.is_dir()
WHY = "the official examples are not beside this repository"
SPACE = 'xmlns="http://hl7.org/fhir"'


def same(one, other):
    """Equal, and decimals with the same digits."""
    return one == other and digits(one) == digits(other)


@pytest.mark.skipif(not HERE, reason=WHY)
@pytest.mark.parametrize(
    "file", sorted((TESTS / "r4-examples").glob("*.json")) + sorted((TESTS / "synthea").glob("*.json")), ids=lambda file: file.stem
)
def test_official_examples_there_and_back(file):
    doc = exact.numbers(file.read_bytes())
    assert same(from_xml(to_xml(doc)), doc)


# What the JSON files of the pairs have beside or instead of what the XML says.
FAULTY = {
    "observation-example": "valueQuantity.value and valueAge.value are texts in the JSON",
    "parameters-example-types": "parameter[2].valueUuid is an object in the JSON",
    "codesystem-example": "the JSON keeps a line break that XML makes a space of an attribute",
}


def bare(value, *, texts=True):
    """Without fhir_comments, which R4 does not have, and narratives without their white space and way of quoting, in which the pairs differ."""
    if isinstance(value, list):
        return [bare(one, texts=texts) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: bare(one, texts=texts) for key, one in value.items() if key != "fhir_comments"}
    made = {key: one for key, one in made.items() if not (key[0] == "_" and (one == {} or (isinstance(one, list) and not any(one))))}
    return {key: "".join(one.split()).replace("&quot;", '"') if key == "div" else one for key, one in made.items()}


def pairs():
    return sorted((TESTS / "fhirpath" / "examples").glob("*.xml")) if HERE else []


@pytest.mark.skipif(not HERE, reason=WHY)
@pytest.mark.parametrize("file", [one for one in pairs() if one.stem not in FAULTY], ids=lambda file: file.stem)
def test_official_pairs_are_equal(file):
    assert bare(from_xml(file.read_bytes())) == bare(exact.numbers(file.with_suffix(".json").read_bytes()))


@pytest.mark.skipif(not HERE, reason=WHY)
@pytest.mark.parametrize("file", pairs(), ids=lambda file: file.stem)
def test_official_xml_there_and_back(file):
    doc = from_xml(file.read_bytes())
    assert same(from_xml(to_xml(doc)), doc)
    assert errors(doc) == []


def test_what_is_special():
    doc = {
        "resourceType": "Patient",
        "id": "p",
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>A &amp; B<br/>–</p></div>'},
        "contained": [{"resourceType": "Organization", "id": "o", "name": 'a "b" <c>\n\td'}],
        "extension": [{"id": "e", "url": "urn:x", "valueDecimal": Decimal("1.500")}, {"url": "urn:y", "valueInteger": -3}],
        "name": [{"id": "n", "given": [None, "B"], "_given": [{"extension": [{"url": "urn:z", "valueBoolean": False}]}, None]}],
        "birthDate": "2000",
        "_birthDate": {"id": "b"},
        "_gender": {"extension": [{"url": "urn:why", "valueCode": "unknown"}]},
        "multipleBirthInteger": 2,
    }
    xml = to_xml(doc)
    assert same(from_xml(xml), doc)
    root = etree.fromstring(xml)
    names = [etree.QName(one).localname for one in root]
    assert names == ["id", "text", "contained", "extension", "extension", "name", "gender", "birthDate", "multipleBirthInteger"]
    assert root.find("{*}extension").attrib == {"id": "e", "url": "urn:x"}
    assert root.find("{*}name/{*}given").attrib == {}


def test_a_narrative_whose_prefix_was_declared_outside():
    xml = f'<Patient {SPACE} xmlns:h="http://www.w3.org/1999/xhtml"><text><status value="generated"/><h:div>a <h:b>b</h:b></h:div></text></Patient>'
    assert from_xml(xml.encode())["text"]["div"] == '<div xmlns="http://www.w3.org/1999/xhtml">a <b>b</b></div>'


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (f"<Patient {SPACE}>\n<active value='yes'/></Patient>", "line 2, Patient.active: it is no boolean"),
        (f"<Patient {SPACE}>\n\n<colour value='x'/></Patient>", "line 3, Patient.colour: unknown element"),
        (f"<Patient {SPACE}><name><given value='A'/><middle value='x'/></name></Patient>", "Patient.name.middle: unknown element"),
        (f"<Nonsense {SPACE}/>", "Nonsense: unknown resource type"),
        ("<Patient/>", "expected the namespace http://hl7.org/fhir"),
        (f"<Patient {SPACE}><name xmlns='urn:x'/></Patient>", "expected the namespace"),
        (f"<Patient {SPACE}><birthDate value='2000'/><birthDate value='2001'/></Patient>", "birthDate: only once"),
        (f"<Patient {SPACE}><birthDate value=''/></Patient>", "never empty"),
        (f"<Patient {SPACE}><birthDate/></Patient>", "neither value nor extension"),
        (f"<Patient {SPACE}><name/></Patient>", "never empty"),
        (f"<Patient {SPACE}>text</Patient>", "text stands in the attribute"),
        (f"<Patient {SPACE}><birthDate value='2000' colour='x'/></Patient>", "unknown attribute 'colour'"),
        (f"<Patient {SPACE} value='x'/>", "unknown attribute 'value'"),
        (f"<Patient {SPACE}><multipleBirthInteger value='1.5'/></Patient>", "it is no integer"),
        (f"<Patient {SPACE}><multipleBirthInteger value='{'9' * 400}'/></Patient>", "a number beyond all measure"),
        (f"<Observation {SPACE}><valueQuantity><value value='1e309'/></valueQuantity></Observation>", "a number beyond all measure"),
        (f"<Patient {SPACE}><contained><Patient/><Patient/></contained></Patient>", "one resource only"),
        (f"<Patient {SPACE}><text><status value='empty'/><div>x</div></text></Patient>", "expected the namespace http://www.w3.org/1999/xhtml"),
        (f"<Patient {SPACE}><name></Patient>", "mismatched tag"),
        (f"<!DOCTYPE Patient [<!ENTITY a 'b'>]><Patient {SPACE}><birthDate value='&a;'/></Patient>", "document type declaration"),
        (f"<!DOCTYPE Patient SYSTEM 'file:///etc/passwd'><Patient {SPACE}/>", "document type declaration"),
        ("<!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY lol2 '&lol;&lol;'>]><lolz>&lol2;</lolz>", "document type declaration"),
        (f"<Patient {SPACE}><birthDate value='&undefined;'/></Patient>", "undefined entity"),
        (f"<Patient {SPACE}>" + "<extension url='u'>" * 200 + "</extension>" * 200 + "</Patient>", "elements inside each other"),
        (f"<Patient {SPACE}><text><status value='empty'/><div xmlns='http://www.w3.org/1999/xhtml'>" + "<b>" * 200 + "</b>" * 200 + "</div></text></Patient>", "inside each other"),
        ("", "no element found"),
    ],
)  # fmt: skip
def test_wrong_xml_is_named(xml, said):
    with pytest.raises(Invalid) as caught:
        from_xml(xml.encode())
    assert said in caught.value.message
    assert "line" in caught.value.message


def test_other_encodings_are_refused_rather_than_guessed():
    for data in ("<Patient/>".encode("utf-16"), "<Patient/>".encode("utf-32"), b"\xff\xfe<"):
        with pytest.raises(Invalid):
            from_xml(data)


def test_a_declared_encoding_cannot_hide_a_declaration_of_types():
    with pytest.raises(Invalid):
        from_xml(b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE x>")


@pytest.mark.parametrize(
    ("doc", "said"),
    [
        ({"resourceType": "Patient", "colour": "x"}, "Patient.colour: unknown element"),
        ({"resourceType": "Patient", "name": {"family": "x"}}, "Patient.name: expected an array"),
        ({"resourceType": "Patient", "name": ["x"]}, "Patient.name[0]: expected an object"),
        ({"resourceType": "Patient", "birthDate": "a\x00b"}, "Patient.birthDate: a character that XML cannot hold"),
        ({"resourceType": "Patient", "birthDate": {"a": 1}}, "expected one value"),
        ({"resourceType": "Patient", "text": {"status": "empty", "div": "<div>x</div>"}}, "expected one div"),
        ({"resourceType": "Patient", "text": {"status": "empty", "div": "<div"}}, "not well-formed"),
        ({"resourceType": "Patient", "text": {"status": "empty", "div": "<!DOCTYPE x []><div xmlns='http://www.w3.org/1999/xhtml'/>"}}, "expected"),
        ({"resourceType": "Patient", "_birthDate": 5}, "what extends a value is an object"),
        ({"resourceType": "X"}, "unknown resourceType"),
    ],
)
def test_what_cannot_be_written_is_named(doc, said):
    with pytest.raises(Invalid) as caught:
        to_xml(doc)
    assert said in caught.value.message


# --- generated resources -----------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=8).filter(str.strip)
VALUES = {
    "boolean": st.booleans(),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "positiveInt": st.integers(1, 2**31 - 1),
    "unsignedInt": st.integers(0, 2**31 - 1),
    "decimal": st.decimals(-(10**6), 10**6, places=3),
    "xhtml": st.just('<div xmlns="http://www.w3.org/1999/xhtml">x <b>y</b></div>'),
}


@st.composite
def objects(draw, type_, depth=0):
    """An object with some elements of its type; primitives sometimes extended."""
    made = {}
    known = [element for element in elements(type_).values() if element.name not in {"contained", "modifierExtension"}]
    chosen = draw(st.lists(st.sampled_from(known), min_size=1, max_size=4, unique_by=lambda element: element.name))
    for element in chosen:
        field = draw(st.sampled_from(element.fields))
        if not is_primitive(field.type) and (depth > 2 or field.type == "Resource"):
            continue
        made |= draw(one_property(element, field, depth))
    return made or {"id": "x"}


@st.composite
def one_property(draw, element, field, depth):
    count = draw(st.integers(1, 3)) if element.many else 1
    if not is_primitive(field.type):
        values = [draw(objects(field.type, depth + 1)) for _ in range(count)]
        return {field.key: values if element.many else values[0]}
    values = [draw(VALUES.get(field.type, TEXT)) for _ in range(count)]
    attribute = field.key in {"id", "url"}
    if field.type == "xhtml" or attribute or depth > 1 or not draw(st.booleans()):
        return {field.key: values if element.many else values[0]}
    shadows = [{"id": "s"} if draw(st.booleans()) else None for _ in range(count)]
    if not element.many:
        return {field.key: values[0]} | ({"_" + field.key: shadows[0]} if shadows[0] else {})
    if not any(shadows):
        return {field.key: values}
    gaps = [None if shadow and draw(st.booleans()) else value for value, shadow in zip(values, shadows, strict=True)]
    return ({field.key: gaps} if any(one is not None for one in gaps) else {}) | {"_" + field.key: shadows}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_generated_resources_there_and_back(data):
    rtype = data.draw(st.sampled_from(sorted(resource_types())))
    doc = {"resourceType": rtype, **data.draw(objects(rtype))}
    assert same(from_xml(to_xml(doc)), doc)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"<Patient {SPACE}>{text}</Patient>".encode("utf-8", "replace")))
def test_no_bytes_break_the_reader(data):
    with contextlib.suppress(Invalid):
        from_xml(data)
