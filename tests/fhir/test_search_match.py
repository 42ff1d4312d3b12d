"""Which documents a search finds: each type, modifier and prefix by hand, and the laws that hold between them."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.fhir import fold, match, query, search
from yba.fhir.comparing import NoTerminologyError
from yba.kit.clock import VIETNAM

NOW = datetime(2026, 11, 22, tzinfo=VIETNAM)


def finds(doc, text, **world):
    """Whether `name=value` finds a document."""
    name, _, value = text.partition("=")
    return match.matches(query.parse(doc["resourceType"], [(name, value)]), doc, match.World(now=NOW, **world))


def patient(**doc):
    return {"resourceType": "Patient", "id": "p1", **doc}


def observation(**doc):
    return {"resourceType": "Observation", "id": "o1", **doc}


# --- text ------------------------------------------------------------------------------------------------------------------------

PHUONG = patient(
    name=[{"text": "Nguyễn Thị Phương", "family": "Nguyễn", "given": ["Thị", "Phương"]}], address=[{"line": ["12 Đường Lê Lợi"], "city": "Huế"}]
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name=phuong", True),
        ("name=Phương", True),
        ("name=PHƯƠ", True),
        ("name=Phu\u031bo\u031bng", True),  # letters and marks apart
        ("name=nguyen thi", True),
        ("name=thi phuong", True),
        ("name=huong", False),
        ("name:exact=phuong", False),
        ("name:exact=Phương", True),
        ("name:exact=Phư", False),
        ("name:exact=thi phuong", False),
        ("name:contains=huon", True),
        ("name:contains=xyz", False),
        ("given=phuong,xyz", True),
        ("family=phuong", False),
        ("family=nguyen", True),
        ("address=duong le", False),
        ("address=12 đường", True),
        ("address:contains=le loi", True),
        ("address-city=hue", True),
        ("address-city:exact=Huế", True),
        ("phonetic=phuong", True),
        ("name=%", False),
        ("name=_", False),
        ("name:contains=.*", False),
    ],
)
def test_strings(text, found):
    assert finds(PHUONG, text) is found


def test_names_in_parts_are_found_whole():
    assert finds(patient(name=[{"family": "Nguyễn", "given": ["Thị", "Phương"]}]), "name=nguyen thi phuong")
    assert not finds(patient(name=[{"family": "Nguyễn", "given": ["Thị", "Phương"]}]), "name:exact=nguyen thi phuong")


@pytest.mark.parametrize(
    ("text", "folded"),
    [("ĐẶNG  Văn ", "dang van"), ("Straße", "strasse"), ("Σίσυφος", "σισυφοσ"), ("ﬁn", "fin"), ("Ёлка", "елка"), ("李", "李"), ("ａｂ", "ab")],
)
def test_folding(text, folded):
    assert fold(text) == folded


@given(st.text(max_size=20), st.text(max_size=20))
def test_folding_twice_is_folding_once_and_keeps_beginnings(one, other):
    assert fold(fold(one)) == fold(one)
    assert fold(one.upper()) == fold(fold(one).upper())


# --- tokens ----------------------------------------------------------------------------------------------------------------------

DENGUE = {
    "resourceType": "Condition",
    "code": {"coding": [{"system": "http://icd", "code": "A90", "display": "Sốt xuất huyết Dengue"}, {"code": "X1"}], "text": "Sốt cao 3 ngày"},
    "identifier": [{"type": {"coding": [{"system": "http://t", "code": "MR"}]}, "system": "http://h", "value": "123"}],
    "severity": {"text": "nặng"},
}


class Terminology:
    def contains(self, value_set, system, code):
        return value_set == "http://fevers" and system == "http://icd" and code.startswith("A9")

    def subsumes(self, system, general, specific):
        return system == "http://icd" and specific.startswith(general)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("code=A90", True),
        ("code=http://icd|A90", True),
        ("code=http://icd|", True),
        ("code=http://other|A90", False),
        ("code=|A90", False),
        ("code=|X1", True),
        ("code=http://icd|X1", False),
        ("code=B20,A90", True),
        ("code=A9", False),
        ("code:not=A90", False),
        ("code:not=B20", True),
        ("code:not=B20,A90", False),
        ("category:not=x", True),
        ("code:text=sot", True),
        ("code:text=xuat huyet", True),
        ("code:text=ot", False),
        ("severity:text=nang", True),
        ("severity=nang", False),
        ("severity:missing=true", False),
        ("code:in=http://fevers", True),
        ("code:not-in=http://fevers", False),
        ("code:in=http://others", False),
        ("severity:not-in=http://fevers", True),
        ("code:below=http://icd|A9", True),
        ("code:below=A90", True),
        ("code:below=http://icd|A90.1", False),
        ("code:above=http://icd|A90.1", True),
        ("code:above=http://icd|A9", False),
        ("identifier:of-type=http://t|MR|123", True),
        ("identifier:of-type=http://t|PP|123", False),
        ("identifier:of-type=http://t|MR|12", False),
        ("identifier=http://h|123", True),
    ],
)
def test_tokens(text, found):
    assert finds(DENGUE, text, codes=Terminology()) is found


def test_codes_whose_system_the_element_says():
    woman = patient(gender="female", active=True, telecom=[{"system": "phone", "use": "home", "value": "0912"}])
    assert finds(woman, "gender=http://hl7.org/fhir/administrative-gender|female")
    assert finds(woman, "gender=http://hl7.org/fhir/administrative-gender|")
    assert finds(woman, "gender=|female")
    assert not finds(woman, "gender=http://other|female")
    assert finds(woman, "active=http://hl7.org/fhir/special-values|true")
    assert finds(woman, "phone=0912")
    assert finds(woman, "telecom=phone|0912")
    assert not finds(woman, "telecom=email|0912")


def test_value_sets_need_a_terminology():
    with pytest.raises(NoTerminologyError):
        finds(DENGUE, "code:in=http://fevers")


# --- dates -----------------------------------------------------------------------------------------------------------------------

DAY = observation(effectiveDateTime="2013-01-14")
STAY = observation(effectivePeriod={"start": "2013-01-10", "end": "2013-01-20"})
SINCE = observation(effectivePeriod={"start": "2013-01-21"})
UNTIL = observation(effectivePeriod={"end": "2013-01-21"})


@pytest.mark.parametrize(
    ("doc", "found", "not_found"),
    [
        (
            DAY,
            "2013-01-14 2013-01 2013 ne2013-01-15 ge2013-01-14 le2013-01-14 lt2013-01-15 gt2013-01-13 sa2013-01-13 eb2013-01-15 gt2013-01-14T10:00 ge2013-01-14T10:00",
            "2013-01-15 ne2013-01 gt2013-01-14 lt2013-01-14 sa2013-01-14 eb2013-01-14 2013-01-14T10:00 sa2013-01-13T23:59:59.5-01:00",
        ),
        (
            STAY,
            "2013-01 gt2013-01-14 lt2013-01-14 ne2013-01-14 ge2013-01-19 le2013-01-11 sa2013-01-09 eb2013-01-21",
            "2013-01-14 gt2013-01-20 lt2013-01-10 ge2013-01-20 le2013-01-10 sa2013-01-10 eb2013-01-20",
        ),
        (SINCE, "gt2013-01-14 ge2030 ne2013 sa2013-01-20 gt2999", "2013 lt2013-01-21 eb2030 eb9999-12-31"),
        (UNTIL, "lt2013-01-14 le1900 ne2013 eb2013-01-22", "2013 gt2013-01-21 sa1900"),
        (
            observation(effectiveInstant="2026-03-12T03:00:00Z"),
            "2026-03-12T10:00:00 2026-03-12T10:00 2026-03-12 2026-03-12T03:00Z",
            "2026-03-12T03:00 gt2026-03-12T10:00:00",
        ),
        (observation(), "", "2013 ne2013 gt1900 ap2013"),
        (observation(effectiveDateTime="2016"), "ap2015 ap2016 ap2017", "ap2026-11 ap2013-01-01T00:00:00Z ap2010"),
        (observation(effectiveTiming={"event": ["2026-03-12", "2026-01-01"]}), "gt2026-02 lt2026-02 2026", "2026-03"),
    ],
)
def test_dates(doc, found, not_found):
    assert [text for text in found.split() if not finds(doc, f"date={text}")] == []
    assert [text for text in not_found.split() if finds(doc, f"date={text}")] == []


def test_overlapping_is_more_than_touching():
    for text, found in [("2013-01-14", True), ("2013", True), ("2013-01-14T10:00", True), ("2013-01-13", False), ("2013-01-15", False)]:
        assert finds(DAY, f"_filter=date po {text}") is found


# --- numbers and quantities ------------------------------------------------------------------------------------------------------


def risk(probability):
    return {"resourceType": "RiskAssessment", "prediction": [{"probabilityDecimal": probability}]}


@pytest.mark.parametrize(
    ("doc", "found", "not_found"),
    [
        (risk(Decimal("5.4")), "5.4 5 5.40 ne5.5 gt5.3 ge5.4 le5.4 lt5.41 ap5 sa5.3 eb5.5", "5.41 ne5.4 gt5.4 lt5.4 ap6.1 sa5.4 eb5.4 5.5"),
        (risk(99.5), "100 1e2 99.5 ne99", "100.0"),
        (risk(100.5), "101 1e2", "100"),
        (risk(0.1), "0.1 ge0.1 le0.1", "gt0.1 lt0.1"),
        (risk(7), "7 7.0 7.00", "7.5"),
        (risk(Decimal("0.12345678901234567890")), "0.12345678901234567890", "0.12345678901234567891 gt0.1234567890123456789"),
        (
            {"resourceType": "RiskAssessment", "prediction": [{"probabilityRange": {"low": {"value": 2}, "high": {"value": 4}}}]},
            "gt3 lt3 ge4 le2 sa1 eb5 ap3",
            "3 gt4 lt2 sa2 eb4 ap6",
        ),
    ],
)
def test_numbers(doc, found, not_found):
    assert [text for text in found.split() if not finds(doc, f"probability={text}")] == []
    assert [text for text in not_found.split() if finds(doc, f"probability={text}")] == []


@pytest.mark.parametrize(
    ("value", "found", "not_found"),
    [
        (
            {"value": 5.4, "unit": "mmol/l", "system": "http://u", "code": "mmol/L"},
            "5.4 5.4||mmol/L 5.4||mmol/l 5.4|http://u|mmol/L gt5|http://u| ge5.4||mmol/L",
            "5.4||mg 5.4|http://v|mmol/L 5.5||mmol/L 5.4|http://u|mmol/l",
        ),
        ({"value": 5, "comparator": "<"}, "5 lt5 lt4 gt4 le3", "gt5 6"),
        ({"value": 5, "comparator": ">="}, "5 gt5 gt100 ge5", "4 lt5"),
        ({"unit": "mg"}, "", "0 gt0 ne0"),
    ],
)
def test_quantities(value, found, not_found):
    doc = observation(valueQuantity=value)
    assert [text for text in found.split() if not finds(doc, f"value-quantity={text}")] == []
    assert [text for text in not_found.split() if finds(doc, f"value-quantity={text}")] == []


def test_quantities_in_another_unit_that_measures_the_same():
    doc = observation(valueQuantity={"value": Decimal("5.4"), "system": "http://unitsofmeasure.org", "code": "mg"})
    for text in (
        "0.0054|http://unitsofmeasure.org|g",
        "5400|http://unitsofmeasure.org|ug",
        "gt0.005|http://unitsofmeasure.org|g",
        "ap5|http://unitsofmeasure.org|mg",
    ):
        assert finds(doc, f"value-quantity={text}")
    for text in (
        "5.4|http://unitsofmeasure.org|g",
        "lt0.005|http://unitsofmeasure.org|g",
        "0.0054|http://unitsofmeasure.org|m",
        "0.0054||g",
        "0.0054|http://unitsofmeasure.org|xyz",
    ):
        assert not finds(doc, f"value-quantity={text}")
    other = observation(valueQuantity={"value": 5.4, "system": "http://other", "code": "mg"})
    assert not finds(other, "value-quantity=5.4|http://unitsofmeasure.org|mg")
    assert not finds(other, "value-quantity=5.4|http://unitsofmeasure.org|g")
    fever = observation(valueQuantity={"value": 98.6, "comparator": ">", "system": "http://unitsofmeasure.org", "code": "[degF]"})
    assert finds(fever, "value-quantity=37|http://unitsofmeasure.org|Cel")
    assert finds(fever, "value-quantity=gt40|http://unitsofmeasure.org|Cel")
    assert not finds(fever, "value-quantity=lt36|http://unitsofmeasure.org|Cel")


# --- references, URIs, places ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "text", "found"),
    [
        ({"reference": "Patient/1"}, "subject=Patient/1", True),
        ({"reference": "Patient/1"}, "subject=1", True),
        ({"reference": "Patient/1"}, "subject=Patient/11", False),
        ({"reference": "Patient/1"}, "subject=Group/1", False),
        ({"reference": "Patient/1"}, "subject:Patient=1", True),
        ({"reference": "Patient/1"}, "subject:Group=1", False),
        ({"reference": "Patient/1"}, "patient=1", True),
        ({"reference": "Group/1"}, "patient=1", False),
        ({"reference": "Patient/1/_history/2"}, "subject=Patient/1", True),
        ({"reference": "Patient/1/_history/2"}, "subject=Patient/1/_history/2", True),
        ({"reference": "Patient/1"}, "subject=Patient/1/_history/2", False),
        ({"reference": "http://h/fhir/Patient/1"}, "subject=http://h/fhir/Patient/1", True),
        ({"reference": "http://h/fhir/Patient/1"}, "subject=Patient/1", False),
        ({"reference": "http://h/fhir/Patient/1"}, "patient=http://h/fhir/Patient/1", True),
        ({"reference": "urn:uuid:7"}, "subject=urn:uuid:7", True),
        ({"reference": "#p"}, "subject=p", False),
        ({"identifier": {"system": "s", "value": "v"}}, "subject:identifier=s|v", True),
        ({"identifier": {"system": "s", "value": "v"}}, "subject:identifier=s|w", False),
        ({"identifier": {"system": "s", "value": "v"}, "type": "Patient"}, "patient:identifier=v", True),
        ({"identifier": {"system": "s", "value": "v"}}, "subject:missing=false", True),
        ({"display": "a man"}, "subject:missing=false", True),
    ],
)
def test_references(reference, text, found):
    assert finds(observation(subject=reference), text) is found


def test_hierarchies():
    places = {"Location/1": None, "Location/2": "Location/1", "Location/3": "Location/2", "Location/8": "Location/9", "Location/9": "Location/8"}

    def resolve(text):
        above = places.get(text)
        return {"resourceType": "Location", "id": text[9:], **({"partOf": {"reference": above}} if above else {})} if text in places else None

    visit = {"resourceType": "Encounter", "location": [{"location": {"reference": "Location/3"}}]}
    for text, found in [
        ("below=Location/1", True),
        ("below=3", True),
        ("below=Location/9", False),
        ("above=Location/3", True),
        ("above=Location/2", False),
    ]:
        assert finds(visit, f"location:{text}", resolve=resolve) is found
    region = {"resourceType": "Encounter", "location": [{"location": {"reference": "Location/1"}}]}
    assert finds(region, "location:above=Location/3", resolve=resolve)
    circle = {"resourceType": "Encounter", "location": [{"location": {"reference": "Location/8"}}]}
    assert finds(circle, "location:below=Location/9", resolve=resolve)
    assert not finds(circle, "location:below=Location/1", resolve=resolve)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("url=http://a/b/c", True),
        ("url=http://a/b", False),
        ("url:below=http://a/b", True),
        ("url:below=http://a/b/", True),
        ("url:below=http://a/", True),
        ("url:below=http://a/bb", False),
        ("url:below=http://a/b/c/d", False),
        ("url:above=http://a/b/c/d", True),
        ("url:above=http://a/b/cc", False),
        ("_profile=http://p", True),
        ("_profile=http://p|1.0", True),
        ("_profile=http://p|2.0", False),
        ("_source=urn:x", True),
    ],
)
def test_uris(text, found):
    doc = {"resourceType": "ValueSet", "url": "http://a/b/c", "meta": {"profile": ["http://p|1.0"], "source": "urn:x"}}
    assert finds(doc, text) is found


def test_canonical_references():
    doc = {"resourceType": "QuestionnaireResponse", "questionnaire": "http://q/1|2"}
    assert finds(doc, "questionnaire=http://q/1")
    assert finds(doc, "questionnaire=http://q/1|2")
    assert not finds(doc, "questionnaire=http://q/1|3")
    assert finds(doc, "questionnaire:below=http://q")
    assert not finds(doc, "questionnaire:below=http://q/11")


def test_a_canonical_reference_may_be_written_as_type_and_id():
    doc = {"resourceType": "MeasureReport", "measure": "Measure/CMS146"}
    assert finds(doc, "measure=Measure/CMS146")
    assert finds(doc, "measure=CMS146")
    assert not finds(doc, "measure=http://h/Measure/CMS146")


def test_places_near():
    hospital = {"resourceType": "Location", "position": {"latitude": 21.0285, "longitude": 105.8542}}
    assert finds(hospital, "near=21.03|105.85|1|km")
    assert finds(hospital, "near=21.03|105.85|600|m")
    assert not finds(hospital, "near=21.03|105.85|100|m")
    assert finds(hospital, "near=21.03|105.85")
    assert not finds(hospital, "near=16.46|107.6|100|km")
    assert finds(hospital, "near=16.46|107.6|345|[mi_i]")
    for nowhere in ({}, {"latitude": 21.0285}, {"longitude": 105.8542}):
        assert not finds({"resourceType": "Location", "position": nowhere}, "near=21.03|105.85|99999")


# --- whole text, composites, lists ---------------------------------------------------------------------------------------------------


def test_full_text():
    doc = {"resourceType": "Condition", "text": {"div": "<div>Viêm&nbsp;phổi, <b>nặng</b></div>"}, "note": [{"text": "Bệnh nhân hút thuốc"}]}
    assert finds(doc, "_text=phoi viem")
    assert not finds(doc, "_text=thuoc")
    assert not finds(doc, "_text=pho")
    assert finds(doc, "_content=thuốc phổi")
    assert not finds(doc, "_content=div")
    assert finds(doc, "_content=xyz,thuoc")
    assert not finds({"resourceType": "Condition", "text": {"div": "<" * 1_000_000}}, "_text=phoi")
    assert finds({"resourceType": "Condition", "text": {"div": "<div>ph&#7893;i &amp; gan</div>"}}, "_text=phoi gan")


def test_composites_join_parts_of_one_element():
    def component(code, value):
        return {"code": {"coding": [{"code": code}]}, "valueQuantity": {"value": value}}

    doc = observation(component=[component("sys", 120), component("dia", 80)])
    assert finds(doc, "component-code-value-quantity=sys$120")
    assert finds(doc, "component-code-value-quantity=sys$80,dia$lt90")
    assert not finds(doc, "component-code-value-quantity=sys$80")
    assert finds(doc, "combo-code-value-quantity=dia$80")
    assert finds(doc, "_filter=component-code-value-quantity[component-code eq sys].component-value-quantity gt 100")
    assert not finds(doc, "_filter=component-code-value-quantity[component-code eq dia].component-value-quantity gt 100")


# --- other documents -----------------------------------------------------------------------------------------------------------------

HOSPITAL = {"resourceType": "Organization", "id": "h", "name": "Bệnh viện Huế"}
MAN = patient(id="man", name=[{"text": "Lê Văn Bình"}], gender="male", managingOrganization={"reference": "Organization/h"})
WOMAN = patient(id="woman", name=[{"text": "Lê Thị An"}], gender="female")
FEVER = observation(
    id="fever", code={"coding": [{"code": "fever"}]}, subject={"reference": "Patient/man"}, performer=[{"reference": "Organization/h"}]
)
COUGH = observation(id="cough", code={"coding": [{"code": "cough"}]}, subject={"reference": "Patient/woman"})
REPORT = {"resourceType": "DiagnosticReport", "id": "r", "code": {"coding": [{"code": "panel"}]}, "result": [{"reference": "Observation/fever"}]}
ELSEWHERE = observation(id="else", subject={"reference": "http://h/Patient/man"})
LIST = {
    "resourceType": "List",
    "id": "l",
    "entry": [{"item": {"reference": "Patient/man"}}, {"deleted": True, "item": {"reference": "Patient/woman"}}],
}
EVERYTHING = {f"{doc['resourceType']}/{doc['id']}": doc for doc in (HOSPITAL, MAN, WOMAN, FEVER, COUGH, REPORT, LIST)}


def reverse(rtype, _param, _target):
    return [doc for doc in EVERYTHING.values() if doc["resourceType"] == rtype]


@pytest.mark.parametrize(
    ("doc", "text", "found"),
    [
        (FEVER, "subject:Patient.name=binh", True),
        (FEVER, "subject.name=binh", True),
        (FEVER, "subject.name=an", False),
        (FEVER, "subject:Group.identifier=x", False),
        (FEVER, "subject:Patient.organization.name=benh vien hue", True),
        (FEVER, "performer.name=benh", True),
        (COUGH, "subject:Patient.gender:not=male", True),
        (FEVER, "subject:Patient.gender:not=male", False),
        (observation(id="x"), "subject:Patient.gender:not=male", False),
        (ELSEWHERE, "subject:Patient.name=binh", False),
        (MAN, "_has:Observation:patient:code=fever", True),
        (WOMAN, "_has:Observation:patient:code=fever", False),
        (WOMAN, "_has:Observation:patient:code:not=fever", True),
        (MAN, "_has:Observation:subject:_has:DiagnosticReport:result:code=panel", True),
        (WOMAN, "_has:Observation:subject:_has:DiagnosticReport:result:code=panel", False),
        (WOMAN, "_has:Observation:patient:performer.name=benh", False),
        (MAN, "_has:Observation:patient:performer.name=benh", True),
        (FEVER, "subject:Patient._has:Observation:patient:code=fever", True),
        (MAN, "_list=l", True),
        (WOMAN, "_list=l", False),
        (MAN, "_list=none", False),
        (MAN, "_filter=_has:Observation:patient:code eq fever and not (gender eq female)", True),
        (FEVER, '_filter=subject[name co "binh"].gender eq male', True),
        (FEVER, '_filter=subject[name co "binh"].gender eq female', False),
        (MAN, '_filter=name eq "Lê Văn"', False),
        (MAN, '_filter=name eq "le van binh"', True),
        (MAN, '_filter=name ew "ình"', True),
        (MAN, "_filter=gender ne female", True),
        (MAN, "_filter=gender ne male", False),
        (MAN, "_filter=name pr true and birthdate pr false", True),
        (MAN, "_filter=gender eq female or gender eq male and name co xyz", False),
        (MAN, "_filter=gender eq male or (gender eq female and name co xyz)", True),
        (MAN, "_filter=gender sw ma", True),
        (MAN, "_filter=gender sw al", False),
        (MAN, "_filter=gender co al", True),
        (MAN, "_filter=gender ew ma", False),
        (FEVER, "_filter=code co eve", True),
        (FEVER, "_filter=code co http://s|eve", False),
        (REPORT, "_filter=category sw x", False),
        (MAN, "_filter=organization re Organization/h", True),
    ],
)
def test_chains_and_what_refers_here(doc, text, found):
    assert finds(doc, text, resolve=EVERYTHING.get, reverse=reverse) is found


def test_chains_go_into_what_is_contained():
    doc = {
        "resourceType": "MedicationRequest",
        "medicationReference": {"reference": "#m"},
        "contained": [
            {"resourceType": "Medication", "id": "m", "code": {"coding": [{"code": "par"}]}, "manufacturer": {"reference": "#o"}},
            {"resourceType": "Organization", "id": "o", "name": "Dược Hậu Giang"},
        ],
    }
    assert finds(doc, "medication.code=par")
    assert finds(doc, "medication:Medication.manufacturer.name=duoc")
    assert not finds(doc, "medication.code=ibu")
    bundle = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Composition", "id": "c", "title": "Tóm tắt"}}]}
    assert finds(bundle, "composition.title=tom")


def test_types_of_a_system_search():
    asked = query.parse(None, [("_type", "Patient"), ("_id", "man")])
    assert match.matches(asked, MAN)
    assert not match.matches(asked, {**FEVER, "id": "man"})


# --- laws ------------------------------------------------------------------------------------------------------------------------

DATES = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).flatmap(  # noqa: DTZ001
    lambda moment: st.sampled_from(
        [f"{moment:%Y}", f"{moment:%Y-%m}", f"{moment:%Y-%m-%d}", f"{moment:%Y-%m-%dT%H:%M:%S}+07:00", f"{moment:%Y-%m-%dT%H:%M:%S}Z"]
    )
)
PERIODS = st.fixed_dictionaries({}, optional={"start": DATES, "end": DATES}).filter(
    lambda period: period.get("start", "0")[:4] < period.get("end", "9")[:4]
)
WHEN = st.one_of(
    DATES.map(lambda date: observation(effectiveDateTime=date)),
    PERIODS.map(lambda period: observation(effectivePeriod=period)),
    st.just(observation()),
)
CODING = st.fixed_dictionaries({}, optional={"system": st.sampled_from(["http://a", "http://b"]), "code": st.sampled_from("xyz")})
CODED = st.lists(CODING, max_size=3).map(lambda codings: observation(code={"coding": codings} if codings else {"text": "?"})) | st.just(observation())
ASKED = st.sampled_from(["x", "|x", "http://a|x", "http://a|", "y", "http://b|z"])


@given(WHEN, DATES)
def test_prefixes_part_the_line(doc, date):
    found = {prefix: finds(doc, f"date={prefix}{date}") for prefix in ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")}
    if not (doc.get("effectivePeriod") or doc.get("effectiveDateTime")):
        assert not any(found.values())
        return
    assert found["ne"] is not found["eq"]
    assert found["ge"] is (found["gt"] or found["eq"])
    assert found["le"] is (found["lt"] or found["eq"])
    assert not (found["sa"] and found["eb"])
    assert not found["sa"] or found["gt"]
    assert not found["eb"] or found["lt"]
    moment = doc.get("effectiveDateTime", "")
    if len(moment) > 10 and len(date) <= 10:
        # an instant lies before, in or after a day: in exactly one of them
        assert [found["lt"], found["eq"], found["gt"]].count(True) == 1
        assert (found["eb"], found["sa"]) == (found["lt"], found["gt"])


@given(st.decimals(-100, 100, places=2), st.decimals(-100, 100, places=2))
def test_prefixes_part_the_numbers(number, asked):
    found = {prefix: finds(risk(number), f"probability={prefix}{asked}") for prefix in ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")}
    assert found["eq"] is not found["ne"]
    assert found["gt"] is not found["le"]
    assert found["lt"] is not found["ge"]
    assert (found["sa"], found["eb"]) == (found["gt"], found["lt"])
    assert found["ge"] and found["le"] if number == asked else not (found["ge"] and found["le"])
    assert found["ap"] is (abs(number - asked) <= abs(asked) / 10)
    assert found["eq"] is (asked - Decimal("0.005") <= number < asked + Decimal("0.005"))


@given(CODED, st.lists(ASKED, min_size=1, max_size=3))
def test_comma_is_or_and_not_is_the_complement(doc, asked):
    one_by_one = [finds(doc, f"code={text}") for text in asked]
    assert finds(doc, f"code={','.join(asked)}") is any(one_by_one)
    assert finds(doc, f"code:not={','.join(asked)}") is not any(one_by_one)
    together = query.parse("Observation", [("code", text) for text in asked])
    assert match.matches(together, doc) is all(one_by_one)
    assert finds(doc, "_filter=" + " or ".join(f"code eq {text}" for text in asked)) is any(one_by_one)
    assert finds(doc, "_filter=" + " and ".join(f"not (code eq {text})" for text in asked)) is not any(one_by_one)


@given(WHEN, DATES)
def test_approximately_is_wider_than_equal(doc, date):
    if finds(doc, f"date={date}"):
        assert finds(doc, f"date=ap{date}")
    assert finds(doc, f"date=ap{date}") or not finds(doc, f"_filter=date po {date}")


def test_approximately_grows_with_the_distance_from_now():
    doc = observation(effectiveDateTime=(NOW - timedelta(days=95)).isoformat())
    assert finds(doc, f"date=ap{(NOW - timedelta(days=100)).isoformat()[:19]}")
    assert not finds(doc, f"date=ap{(NOW - timedelta(days=40)).isoformat()[:19]}")


def test_what_national_extensions_say():
    home = {"url": "commune", "valueCoding": {"system": "https://yba.vn/CodeSystem/commune", "code": "00004"}}
    doc = patient(
        address=[{"extension": [{"url": "https://yba.vn/x/address-code", "extension": [{"url": "province", "valueCoding": {"code": "01"}}, home]}]}],
        extension=[{"url": "https://yba.vn/x/ethnicity", "valueCoding": {"code": "25"}}],
    )
    for text in (
        "address-commune=00004",
        "address-commune=https://yba.vn/CodeSystem/commune|00004",
        "address-province=01",
        "ethnicity=25",
        "_filter=address-commune eq 00004",
    ):
        assert finds(doc, text)
    for text in ("address-commune=01", "address-district=01", "occupation=25", "address-district:missing=false"):
        assert not finds(doc, text)
    assert search.token("address-commune", "00004") in search.index("Patient", doc).tokens
