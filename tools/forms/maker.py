"""Words for writing Questionnaires in a generator: items, their rules and extensions, in the spelling that yba.forms reads."""

from __future__ import annotations

from typing import Any

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
OURS = "https://yba.vn/x/"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
UNITS = {"lần/phút": "/min", "cốc/ngày": "drinks/day", "điếu/ngày": "cigarettes/day"}
Doc = dict[str, Any]


def english(text: str) -> Doc:
    """The English translation of a primitive, for the element `_key`."""
    parts = [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": text}]
    return {"extension": [{"url": CORE + "translation", "extension": parts}]}


def path(text: str) -> Doc:
    """A FHIRPath expression."""
    return {"language": "text/fhirpath", "expression": text}


def item(link_id: str, type_: str, vi: str, en: str = "", **more: object) -> Doc:
    """One item; ``more`` are its own FHIR elements."""
    doc: Doc = {"linkId": link_id, "text": vi}
    if en:
        doc["_text"] = english(en)
    return doc | {"type": type_} | {key: value for key, value in more.items() if value not in (None, "", [], False)}


def group(link_id: str, vi: str, en: str, items: list[Doc], **more: object) -> Doc:
    """A group."""
    return item(link_id, "group", vi, en, **more) | {"item": items}


def add(doc: Doc, url: str, **value: object) -> Doc:
    """Put an extension on an item."""
    doc.setdefault("extension", []).append({"url": url, **value})
    return doc


def calculated(doc: Doc, text: str) -> Doc:
    """Let a question be calculated."""
    return add(doc | {"readOnly": True}, SDC + "calculatedExpression", valueExpression=path(text))


def initial(doc: Doc, text: str) -> Doc:
    """Let a question be filled from the record."""
    return add(doc, SDC + "initialExpression", valueExpression=path(text))


def populated(doc: Doc, name: str, text: str, cells: dict[str, str]) -> Doc:
    """Let each thing an expression finds fill a row of a group; ``cells``: how a question takes its answer from it, by linkId."""
    told = {"name": name, **path(text)}
    doc["item"] = [initial(one, cells[one["linkId"]]) if one["linkId"] in cells else one for one in doc["item"]]
    return add(doc, SDC + "itemPopulationContext", valueExpression=told)


def unit(doc: Doc, code: str, shown: str) -> Doc:
    """Give a number its unit; one that is a Vietnamese word has its English beside it."""
    coding: Doc = {"system": UCUM, "code": code, "display": shown}
    if shown in UNITS:
        coding["_display"] = english(UNITS[shown])
    return add(doc, CORE + "questionnaire-unit", valueCoding=coding)


def limits(
    doc: Doc, *, hard: tuple[float | str | None, float | str | None] = (None, None), soft: tuple[float | None, float | None] = (None, None)
) -> Doc:
    """Give a number or date its lowest and highest, hard (refused) and soft (asked)."""
    kind = {"decimal": "valueDecimal", "integer": "valueInteger", "date": "valueDate"}[doc["type"]]
    for url, bound in ((CORE + "minValue", hard[0]), (CORE + "maxValue", hard[1]), (OURS + "soft-min", soft[0]), (OURS + "soft-max", soft[1])):
        if bound is not None:
            add(doc, url, **{kind: bound})
    return doc


def observed(doc: Doc, *codes: str, display: str = "", how: str = "", category: str = "", fills: str = "") -> Doc:
    """Extract a question as an Observation of LOINC codes; ``how``: "component"; ``fills``: "1 a" lets one that is not older fill it."""
    doc["code"] = [{"system": LOINC, "code": code, **({"display": display} if display else {})} for code in codes]
    add(doc, SDC + "observationExtract", **({"valueCode": how} if how else {"valueBoolean": True}))
    if category:
        coding = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": category}
        add(doc, SDC + "observation-extract-category", valueCodeableConcept={"coding": [coding]})
    if fills:
        amount, _, code = fills.partition(" ")
        add(doc, SDC + "observationLinkPeriod", valueDuration={"value": int(amount), "system": UCUM, "code": code})
    return doc


def context(doc: Doc, rtype: str, fixed: dict[str, Doc] | None = None, said: dict[str, str] | None = None) -> Doc:
    """Extract a group (or a yes-no question answered with yes) as a resource, with fixed values and expressions at paths."""
    canonical = CORE + rtype
    add(doc, SDC + "definitionExtract", extension=[{"url": "definition", "valueCanonical": canonical}])
    for where, value in (fixed or {}).items():
        parts = [{"url": "definition", "valueUri": f"{canonical}#{rtype}.{where}"}, {"url": "fixed-value", **value}]
        add(doc, SDC + "definitionExtractValue", extension=parts)
    for where, text in (said or {}).items():
        parts = [{"url": "definition", "valueUri": f"{canonical}#{rtype}.{where}"}, {"url": "expression", "valueExpression": path(text)}]
        add(doc, SDC + "definitionExtractValue", extension=parts)
    return doc


def defines(doc: Doc, where: str) -> Doc:
    """Lay a question's answer at a path of its context: "Patient.name.text"."""
    return doc | {"definition": f"{CORE}{where.partition('.')[0]}#{where}"}


def options(doc: Doc, system: str, pairs: list[tuple[str, str, str]]) -> Doc:
    """Give a question its answers to choose: (code, vi, en)."""
    doc["answerOption"] = [
        {"valueCoding": {"system": system, "code": code, "display": vi, **({"_display": english(en)} if en else {})}} for code, vi, en in pairs
    ]
    return doc


def control(doc: Doc, code: str) -> Doc:
    """Say how a question is shown."""
    return add(
        doc,
        CORE + "questionnaire-itemControl",
        valueCodeableConcept={"coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": code}]},
    )


def helped(doc: Doc, vi: str, en: str) -> Doc:
    """Give a question a line of help."""
    help_ = control(item(f"{doc['linkId']}.help", "display", vi, en), "help")
    return doc | {"item": [*doc.get("item", []), help_]}


def constraint(doc: Doc, key: str, text: str, vi: str, en: str, *, severity: str = "error") -> Doc:
    """Give a rule in FHIRPath that must hold of an item of the answers."""
    parts = [
        {"url": "key", "valueId": key}, {"url": "severity", "valueCode": severity}, {"url": "expression", "valueString": text},
        {"url": "human", "valueString": vi, "_valueString": english(en)},
    ]  # fmt: skip
    return add(doc, CORE + "questionnaire-constraint", extension=parts)


def when(doc: Doc, question: str, operator: str, *, every: bool = False, **answer: object) -> Doc:
    """Ask only when another question was answered so."""
    doc.setdefault("enableWhen", []).append({"question": question, "operator": operator, **answer})
    return doc | ({"enableBehavior": "all" if every else "any"} if len(doc["enableWhen"]) > 1 else {})


def answer_of(link_id: str) -> str:
    """FHIRPath of a question's value anywhere in the answers."""
    return f"%resource.repeat(item).where(linkId='{link_id}').answer.value"


def questionnaire(
    name: str, version: str, vi: str, en: str, items: list[Doc], *, source: str, start: str, owner: str = "forms", **more: object
) -> Doc:
    """A whole form."""
    return {
        "resourceType": "Questionnaire", "id": name, "url": f"https://yba.vn/Questionnaire/{name}", "version": version, "name": name.title().replace("-", ""),
        "title": vi, "_title": english(en), "status": "active", "subjectType": ["Patient"], "date": start, "publisher": f"yba/{owner}", "purpose": source,
        "effectivePeriod": {"start": start}, **more, "item": items,
    }  # fmt: skip
