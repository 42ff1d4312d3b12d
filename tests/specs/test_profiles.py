"""The national profiles: what the record writes is valid under them, what is wrong is not, and nothing we write is undeclared."""

from __future__ import annotations

import copy
import csv
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from yba import fhir
from yba.fhir import definitions
from yba.specs import fhir as specs
from yba.specs import systems
from yba.specs.claims import SpecError
from yba.specs.fhir_structure import Maker

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "mapping").glob("*/out.json"))
MAPPING = Path(specs.__file__).parent / "mapping" / "claims" / "1"
_EXTENSION = re.compile(r"ext\[([\w-]+)\](?:\.sub\[([\w-]+)\])?\.value(\w+)")
Doc = dict[str, Any]


def wrong(doc: Doc, *urls: str) -> list[str]:
    """Errors of a document under profiles."""
    return [f"{one.expression}: {one.en}" for one in fhir.validate(doc, profiles=urls, library=specs.profiles()) if one.severity == "error"]


def example(name: str) -> Doc:
    """A copy of an example, to be spoilt."""
    return copy.deepcopy(next(one for one in specs.examples() if one["id"] == name))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)
def test_what_the_mapping_writes_follows_its_profile_and_every_extension_is_declared(path: Path) -> None:
    profiled = 0
    for one in orjson.loads(path.read_bytes())["resources"]:
        doc = one["doc"]
        url = specs.profile_of(doc["resourceType"])
        assert not wrong(doc, *([url] if url else [])), doc["id"]
        profiled += bool(url)
        for place, extension in extensions(doc, doc["resourceType"]):
            if extension["url"].startswith(systems.extension("")):
                definition = specs.profiles()[extension["url"]]
                assert any(context["expression"] == place for context in definition["context"]), (place, extension["url"])
    assert profiled


def extensions(value: Any, place: str) -> list[tuple[str, Doc]]:
    """Every extension of a document with the path it stands at, those inside others apart."""
    if isinstance(value, list):
        return [found for one in value for found in extensions(one, place)]
    if not isinstance(value, dict):
        return []
    own = [(place, one) for one in value.get("extension", ())]
    return own + [found for key, one in value.items() if key != "extension" for found in extensions(one, f"{place}.{key}")]


def test_each_extension_column_of_the_mapping_has_its_definition_and_type() -> None:
    seen = 0
    for path in sorted(MAPPING.glob("xml*.csv")):
        for row in csv.DictReader(path.read_text("utf-8").splitlines()):
            found = _EXTENSION.match(row["path"] or "")
            if found is None:
                continue
            name, part, type_ = found.groups()
            listed = specs.profiles()[systems.extension(name)]["differential"]["element"]
            id_ = f"Extension.extension:{part}.value[x]" if part else "Extension.value[x]"
            codes = [one["code"] for element in listed if element["id"] == id_ for one in element["type"]]
            assert codes == [type_[0].lower() + type_[1:]], (path.name, row["field"])
            seen += 1
    assert seen > 100


def test_every_example_is_valid_and_names_its_profile() -> None:
    examples = specs.examples()
    assert len({one["id"] for one in examples}) == len(examples)
    for one in examples:
        assert not wrong(one), one["id"]
        assert one["meta"]["profile"] == [specs.profile_of(one["resourceType"])]
    assert {one["resourceType"] for one in examples} == {one["type"] for one in specs.profiles().values()} - {"Extension"}


def test_what_is_wrong_is_found() -> None:
    patient = example("patient-mai")
    patient["extension"][0]["valueCoding"] = None
    del patient["extension"][0]["valueCoding"]
    patient["extension"][0]["valueString"] = "Kinh"
    assert any("yba" in one or "x-ethnicity" in one or "string" in one for one in wrong(patient))

    patient = example("patient-mai")
    del patient["gender"]
    assert any("gender" in one for one in wrong(patient))

    patient = example("patient-mai")
    del patient["identifier"][0]["value"]
    assert any("identifier:citizen.value" in one for one in wrong(patient))

    patient = example("patient-mai")
    patient["address"][0]["extension"][0]["extension"].append({"url": "hamlet", "valueString": "Bản 1"})
    assert wrong(patient)

    coverage = example("coverage-card")
    coverage["identifier"][0]["system"] = "https://example.org/card"
    assert any("identifier:card" in one for one in wrong(coverage))

    coverage = example("coverage-card")
    coverage["beneficiary"] = {"reference": "Organization/1"}
    assert wrong(coverage)

    claim = example("claim-inpatient")
    claim["total"]["currency"] = "USD"
    assert any("currency" in one for one in wrong(claim))

    encounter = example("encounter-inpatient")
    encounter["extension"].append({"url": systems.extension("outcome"), "valueCode": "2"})
    assert any("outcome" in one for one in wrong(encounter))


def test_a_number_of_another_shape_is_a_warning_only() -> None:
    patient = example("patient-mai")
    patient["identifier"][0]["value"] = "11185000001"
    found = [one for one in fhir.validate(patient, library=specs.profiles()) if "yba-citizen" in one.en]
    assert [one.severity for one in found] == ["warning"]
    assert not [one for one in fhir.validate(example("patient-mai"), library=specs.profiles()) if "yba-" in one.en]


def test_every_definition_is_a_valid_resource_of_its_own() -> None:
    for one in (*specs.profiles().values(), *specs.value_sets().values(), *specs.naming_systems(), *specs.search_parameters()):
        assert not fhir.errors(one), one["id"]
        assert not wrong(one), one["id"]


def test_elements_of_profiles_exist_in_r4_and_bindings_lead_to_value_sets() -> None:
    for url, one in specs.profiles().items():
        for element in one["differential"]["element"]:
            at = one["type"]
            for step in element["path"].split(".")[1:]:
                found = definitions.elements(at).get(step.removesuffix("[x]"))
                assert found is not None, (url, element["path"])
                at = found.fields[0].type
            if "binding" in element:
                assert element["binding"]["valueSet"] in specs.value_sets(), url


def test_every_identifier_system_has_a_naming_system_and_every_national_system_a_home() -> None:
    names = systems.names()
    named = {one["uniqueId"][0]["value"] for one in specs.naming_systems()}
    assert named == set(names["identifier"].values())


def test_a_value_set_that_is_not_there_stops_the_program() -> None:
    maker = Maker("https://yba.vn/", {}, ["province"])
    with pytest.raises(SpecError, match="no value set 'nowhere'"):
        maker.profile("x", {"type": "Patient", "vi": "", "en": "", "element": {"gender": {"set": "nowhere"}}}, {})
    with pytest.raises(SpecError, match="keys nobody reads"):
        maker.profile("x", {"type": "Patient", "vi": "", "en": "", "element": {"gender": {"must_": True}}}, {})
    with pytest.raises(SpecError, match="no such type of value"):
        maker.extension("x", {"vi": "", "en": "", "context": ["Patient"], "value": "quantity"})
    with pytest.raises(SpecError, match="may not stand in Patient"):
        maker.profile("x", {"type": "Patient", "vi": "", "en": "", "extensions": ["line"]}, {"line": ["Claim.item"]})
