"""The official FHIRPath cases of R4, each by its name."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from yba.fhir import fhirpath
from yba.fhir.xml import from_xml
from yba.kit import exact

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "fhir-tests" / "fhirpath"
CASES = FOLDER / "tests-fhir-r4-open.xml"
NOW = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)


def cases():
    if not CASES.is_file():
        return []
    tree = etree.parse(str(CASES), etree.XMLParser(remove_comments=True))
    return [pytest.param(test, id=f"{test.getparent().get('name')}-{test.get('name')}") for test in tree.iter("test")]


def document(name):
    if name is None:
        return {"resourceType": "Basic"}
    data = (FOLDER / "examples" / name).read_bytes()
    return from_xml(data) if name.endswith(".xml") else exact.numbers(data)


def shown(item):
    if isinstance(item, fhirpath.Temporal):
        return f"@{'T' if item.kind == 'Time' else ''}{item}"
    value = fhirpath.system(item)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value).removeprefix("@")


@pytest.mark.skipif(not CASES.is_file(), reason="the official FHIRPath cases are not beside this repository")
@pytest.mark.parametrize("test", cases())
def test_official(test):
    doc = document(test.get("inputfile"))
    expression = test.find("expression")
    strict = test.get("mode") == "strict"
    environment = fhirpath.Environment(now=NOW)

    def run():
        return fhirpath.compile(expression.text, doc["resourceType"] if strict else None).items(doc, environment)

    wrong = expression.get("invalid")
    if wrong:
        with pytest.raises(fhirpath.FHIRPathError) as caught:
            run()
        assert (caught.value.kind == "syntax") is (wrong == "syntax")
        return
    found = run()
    wanted = [(one.get("type"), one.text or "") for one in test.findall("output")]
    assert len(found) == len(wanted), found
    for item, (kind, text) in zip(found, wanted, strict=True):
        if kind == "decimal":
            assert Decimal(shown(item)) == Decimal(text)
        else:
            assert shown(item) == text
        own = fhirpath.type_of(item)
        if kind in {"integer", "boolean", "Quantity"}:
            assert own.name.lower() == kind.lower()


def test_how_many_there_are():
    """A half that shrinks would go unseen."""
    assert not CASES.is_file() or len(cases()) > 450
