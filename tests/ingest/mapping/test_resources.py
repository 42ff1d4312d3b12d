"""What rows become: visits, diagnoses, reports, vital signs, births, programmes, restricted categories."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.ingest.mapping import samples
from yba.ingest.mapping import map_claim
from yba.ingest.mapping.model import Doc, Mapped, Row
from yba.kit import derived_text
from yba.specs import labels, systems

FACILITY, LINK = samples.FACILITY, samples.LINK


def mapped(tables: dict[str, list[Row]], decision: str = "3176") -> Mapped:
    claim = samples.claim(tables, decision)
    return map_claim(claim, samples.keys(claim))


def of(made: Mapped, rtype: str) -> list[Doc]:
    return [one.doc for one in made.resources if one.rtype == rtype]


def only(made: Mapped, rtype: str) -> Doc:
    (doc,) = of(made, rtype)
    return doc


def loinc(doc: Doc) -> list[str]:
    return [part["code"] for part in doc["code"].get("coding", ()) if part["system"] == systems.system("loinc")]


def visit(**more: str) -> Mapped:
    return mapped({"XML1": [samples.header(**more)]})


@pytest.mark.law("BHYT-DATA-R14")
@pytest.mark.parametrize(
    ("visit_type", "arrival", "expected"),
    [
        ("01", "1.1", "AMB"), ("01", "2", "EMER"), ("03", "2", "IMP"), ("03", "1.1", "IMP"), ("04", "1.1", "SS"), ("06", "1.1", "OBSENC"), ("09", "2", "SS"),
        ("11", "1.1", "FLD"), ("12", "1.1", "HH"), ("14", "1.1", "VR"), ("16", "1.1", "AMB"), ("3", "1", "IMP"), ("77", "1.1", "AMB"),
    ],
)  # fmt: skip
def test_class_of_a_visit(visit_type: str, arrival: str, expected: str) -> None:
    assert only(visit(MA_LOAI_KCB=visit_type, MA_DOITUONG_KCB=arrival), "Encounter")["class"]["code"] == expected


@pytest.mark.law("BHYT-DATA-R20")
@pytest.mark.parametrize(("left", "edition"), [("202606302300", "qd4469-2020"), ("202607010700", "tt06-2026")])
def test_the_edition_of_icd10_is_that_of_the_visits_end(left: str, edition: str) -> None:
    made = visit(NGAY_VAO="202606290800", NGAY_RA=left)
    assert {doc["code"]["coding"][0]["version"] for doc in of(made, "Condition")} == {edition}


def test_diagnoses() -> None:
    made = visit(MA_BENH_KT="I10;E11.9;I10", MA_BENH_YHCT="U54.011")
    codes = [[part["code"] for part in doc["code"]["coding"]] for doc in of(made, "Condition")]
    assert codes == [["I10", "I10"], ["E11.9", "E11.9"], ["U54.011"], ["J18.9", "J18.9"]]
    diagnoses = only(made, "Encounter")["diagnosis"]
    ids = {doc["id"] for doc in of(made, "Condition")}
    named = {item["condition"]["reference"].removeprefix("Condition/") for item in diagnoses if "reference" in item["condition"]}
    assert named == ids
    assert diagnoses[0]["rank"] == 1


def test_several_codes_in_the_field_of_one() -> None:
    made = visit(MA_BENH_CHINH="J18.9;I10")
    principal = of(made, "Condition")[-1]
    assert principal["code"]["coding"][0]["code"] == "J18.9"


@pytest.mark.parametrize(("left", "result", "expected"), [("1", "1", "home"), ("2", "3", "other-hcf"), ("4", "6", "aadvice"), ("1", "5", "exp")])
def test_discharge(left: str, result: str, expected: str) -> None:
    encounter = only(visit(MA_LOAI_RV=left, KET_QUA_DTRI=result), "Encounter")
    assert encounter["hospitalization"]["dischargeDisposition"]["coding"][-1]["code"] == expected


def test_an_end_before_the_start_is_not_shown() -> None:
    encounter = only(visit(NGAY_VAO="202503060830", NGAY_RA="202503011000"), "Encounter")
    assert "end" not in encounter["period"]


def test_subject_is_the_source_patient() -> None:
    made = visit()
    patient = f"Patient/{derived_text('Patient', FACILITY, 'BN001')}"
    assert only(made, "Encounter")["subject"]["reference"] == patient
    assert made.facts.local_id == "BN001"


def test_facts() -> None:
    facts = visit(MA_THE_BHYT="DN4111234567890;HT2111234567890", GT_THE_TU="20250101;20250303", GT_THE_DEN="20250302", MA_DKBD="11001;11002").facts
    assert (facts.birth, facts.sex, facts.citizen_number, facts.passport) == ("1985-01-02", "male", "011085001234", "")
    assert facts.cards == (("DN4111234567890", "11001", "2025-01-01", "2025-03-02"), ("HT2111234567890", "11002", "2025-03-03", ""))
    assert facts.insurance_numbers == ("1234567890",)
    assert visit(SO_CCCD="B1234567").facts.passport == "B1234567"
    assert visit(SO_CCCD="123456789").facts.old_citizen_number == "123456789"


def test_demographics_are_not_in_clinical_resources() -> None:
    shown = orjson.dumps([one.doc for one in visit().resources]).decode()
    for said in ("LÒ VĂN THỬ", "011085001234", "0912345678", "Bản A"):
        assert said not in shown


def test_coverage_for_each_card() -> None:
    made = visit(MA_THE_BHYT="DN4111234567890;HT2111234567890", GT_THE_TU="20250101;20250303", GT_THE_DEN="20250302;20251231")
    assert [doc["class"][0]["value"] for doc in of(made, "Coverage")] == ["4", "2"]
    assert [cover["focal"] for cover in only(made, "Claim")["insurance"]] == [True, False]


def test_results_are_gathered_by_service() -> None:
    claim = samples.inpatient()
    made = map_claim(claim, samples.keys(claim))
    reports = {doc["code"]["coding"][0]["code"]: doc for doc in of(made, "DiagnosticReport")}
    assert {code: len(doc.get("result", ())) for code, doc in reports.items()} == {"23.0075.1494": 1, "22.0121.1369": 5, "18.0119.0028": 0}
    image = reports["18.0119.0028"]
    assert image["conclusion"] == "Viêm phổi phải"
    assert "Mờ đáy phổi phải" in image["text"]["div"]
    assert image["category"][0]["coding"][0]["code"] == "RAD"
    observations = {doc["id"]: doc for doc in of(made, "Observation")}
    glucose = observations[reports["23.0075.1494"]["result"][0]["reference"].removeprefix("Observation/")]
    assert loinc(glucose)
    assert glucose["valueQuantity"]["code"] == "mmol/L"
    assert orjson.dumps(glucose["valueQuantity"]["value"]) == b"5.60"


def test_every_reader_of_results_is_named() -> None:
    """An Observation leaves its performer out when the row above has the same: the report names all."""
    readers = ["000777/DB-CCHN", "000777/DB-CCHN", "000888/DB-CCHN", "000888/DB-CCHN"]
    rows = [samples.result(n, MA_BS_DOC_KQ=who) for n, who in enumerate(readers, 1)]
    made = mapped({"XML1": [samples.header()], "XML3": [samples.service(1)], "XML4": rows})
    assert [one["display"] for one in only(made, "DiagnosticReport")["resultsInterpreter"]] == ["000777/DB-CCHN", "000888/DB-CCHN"]
    written = [doc["performer"][0]["display"] for doc in of(made, "Observation") if "performer" in doc]
    assert written == ["000777/DB-CCHN", "000888/DB-CCHN"]


def test_a_repeated_service_keeps_its_own_results() -> None:
    made = mapped(
        {
            "XML1": [samples.header()],
            "XML3": [samples.service(1), samples.service(2, NGAY_KQ="202503041030")],
            "XML4": [samples.result(1, NGAY_KQ="202503041030", GIA_TRI="9"), samples.result(2, GIA_TRI="5")],
        }
    )
    first, second = of(made, "DiagnosticReport")
    values = {doc["id"]: doc["valueQuantity"]["value"] for doc in of(made, "Observation") if "valueQuantity" in doc and doc["status"] == "final"}
    assert [values[doc["result"][0]["reference"].removeprefix("Observation/")] for doc in (first, second)] == [5, 9]


def test_results_without_a_service_row_still_have_a_report() -> None:
    made = mapped({"XML1": [samples.header()], "XML4": [samples.result(1), samples.result(2)]})
    assert len(only(made, "DiagnosticReport")["result"]) == 2


@pytest.mark.parametrize(("value", "comparator", "number"), [("<0.5", "<", b"0.5"), ("≤ 5", "<=", b"5"), (">=1,5", ">=", b"1.5"), ("5", None, b"5")])
def test_comparators(value: str, comparator: str | None, number: bytes) -> None:
    made = mapped({"XML1": [samples.header()], "XML4": [samples.result(1, GIA_TRI=value)]})
    quantity: Any = next(doc for doc in of(made, "Observation") if doc["code"].get("text") == "Glucose")["valueQuantity"]
    assert quantity.get("comparator") == comparator
    assert orjson.dumps(quantity["value"]) == number


def test_vital_signs_in_notes() -> None:
    made = mapped({"XML1": [samples.header()], "XML5": [samples.note(1)]})
    found = {code: doc for doc in of(made, "Observation") for code in loinc(doc)}
    assert {"8867-4", "8310-5", "85354-9", "9279-1"} <= set(found)
    assert orjson.dumps(found["8310-5"]["valueQuantity"]["value"]) == b"37.5"
    assert [part["valueQuantity"]["value"] for part in found["85354-9"]["component"]] == [120, 70]


def test_unbelievable_vital_signs_are_left_in_the_note() -> None:
    made = mapped({"XML1": [samples.header(CAN_NANG="0")], "XML5": [samples.note(1, DIEN_BIEN_LS="CSST<M0_T99_HA70/120_NT500_X>")]})
    assert not of(made, "Observation")


def test_medicines_are_dispensed_for_days() -> None:
    made = mapped({"XML1": [samples.header()], "XML2": [samples.medicine(1)]})
    dispense = only(made, "MedicationDispense")
    assert dispense["daysSupply"]["value"] == 5
    assert dispense["whenHandedOver"] == "2025-03-01T09:30:00+07:00"
    item = only(made, "Claim")["item"][0]
    assert item["productOrService"]["coding"][0]["code"] == "40.101"


def test_every_row_with_money_is_an_item() -> None:
    claim = samples.inpatient()
    items = only(map_claim(claim, samples.keys(claim)), "Claim")["item"]
    assert [item["sequence"] for item in items] == list(range(1, 16))
    assert len({item["id"] for item in items}) == len(items)


def test_operations_carry_the_international_code() -> None:
    made = mapped({"XML1": [samples.header()], "XML3": [samples.service(1, MA_NHOM="8", MA_DICH_VU="10.0498.0489_TB", MA_PTTT_QT="45.91;54.5")]})
    procedure = only(made, "Procedure")
    assert [part["code"] for part in procedure["code"]["coding"]] == ["10.0498.0489_TB", "45.91", "54.5"]
    assert procedure["status"] == "stopped"


@pytest.mark.law("BHYT-DATA-R09")
def test_rows_of_another_claim_are_set_aside() -> None:
    made = mapped({"XML1": [samples.header()], "XML2": [samples.medicine(1), samples.medicine(2, MA_LK="25.999", TEN_THUOC="Lạc")]})
    assert len(of(made, "MedicationDispense")) == 1
    assert "Lạc" in orjson.dumps(made.residue).decode()


def test_a_report_names_no_result_that_was_set_aside() -> None:
    rows = [samples.result(1), samples.result(2, MA_LK="25.999", TEN_CHI_SO="Lạc"), samples.result(3, MA_LK="25.999", MA_DICH_VU="23.0003.1494")]
    made = mapped({"XML1": [samples.header()], "XML3": [samples.service(1), samples.service(2, MA_DICH_VU="23.0003.1494")], "XML4": rows})
    named = [one["reference"] for report in of(made, "DiagnosticReport") for one in report.get("result", ())]
    assert len(named) == 1
    assert named[0].removeprefix("Observation/") in {doc["id"] for doc in of(made, "Observation")}


def test_a_birth() -> None:
    row = samples.full_row("XML9", "3176") | {"CAN_NANG_CON": "3100", "NGAY_SINH_CON": "202503020415", "SO_CON": "2", "GIOI_TINH_CON": "1"}
    made = mapped({"XML1": [samples.header(GIOI_TINH="2")], "XML9": [row]})
    newborn, mother = only(made, "Patient"), only(made, "RelatedPerson")
    assert (newborn["birthDate"], newborn["gender"], newborn["multipleBirthBoolean"]) == ("2025-03-02", "male", True)
    assert mother["patient"]["reference"] == f"Patient/{newborn['id']}"
    weight = next(doc for doc in of(made, "Observation") if loinc(doc) == ["8339-4"])
    assert weight["subject"]["reference"] == f"Patient/{newborn['id']}"
    (child,) = made.births
    assert (child.birth, child.sex, str(child.patient), child.born_of) == ("2025-03-02T04:15", "male", newborn["id"], made.facts.local_id)
    assert (child.citizen_number, child.insurance_numbers, child.phone) == ("", (), ""), "what stands there is the mother's"
    at_home = {one.rtype: (one.whose, one.both) for one in made.resources if one.table == "XML9"}
    assert at_home == {"Patient": (1, False), "RelatedPerson": (1, True), "Observation": (1, False), "Composition": (1, True)}
    assert all(not one.whose for one in made.resources if one.table != "XML9")


@pytest.mark.parametrize(
    ("header", "row", "births"),
    [
        ({"NGAY_SINH": "202503020415"}, {"SO_CON": "1"}, 0),
        ({"NGAY_SINH": "202503020000", "MA_THE_BHYT": "TE1111111111111"}, {"SO_CON": "2", "MA_THE_TAM": "TE1111111111111"}, 0),
        ({"NGAY_SINH": "202503020000"}, {"SO_CON": "2"}, 1),
        ({"NGAY_SINH": "199003020000"}, {"SO_CON": "1"}, 1),
    ],
)
def test_a_certificate_in_the_childs_own_claim_makes_no_second_child(header: Row, row: Row, births: int) -> None:
    made = mapped({"XML1": [samples.header(**header)], "XML9": [samples.full_row("XML9", "3176") | {"NGAY_SINH_CON": "202503020415"} | row]})
    assert len(made.births) == births


@pytest.mark.parametrize(
    ("header", "tables", "died"),
    [
        ({"KET_QUA_DTRI": "5", "NGAY_RA": "202503061005"}, {}, "2025-03-06T10:05"),
        ({"KET_QUA_DTRI": " 5 ", "NGAY_RA": "20250306"}, {}, "2025-03-06"),
        ({"KET_QUA_DTRI": "8", "NGAY_RA": "202503061005"}, {}, "2025-03-06"),
        ({"KET_QUA_DTRI": "5", "NGAY_RA": "chưa rõ"}, {}, "?"),
        ({"KET_QUA_DTRI": "6"}, {}, ""),
        ({"KET_QUA_DTRI": "2", "MA_LOAI_RV": "5"}, {}, ""),
        ({}, {"XML15": [{"KET_QUA_DTRI_LAO": "4", "NGAYKT_DTRI_LAO": "20250301"}]}, "2025-03-01"),
        ({}, {"XML6": [{"KQ_DTRI_LAO": "4", "NGAYKT_DTRI_LAO": "20250301"}]}, "2025-03-01"),
        ({"KET_QUA_DTRI": "5", "NGAY_RA": "202503061005"}, {"XML15": [{"KET_QUA_DTRI_LAO": "4"}]}, "2025-03-06T10:05"),
        ({}, {"XML15": [{"KET_QUA_DTRI_LAO": "3"}]}, ""),
    ],
)
def test_a_death_is_read_from_what_says_so(header: Row, tables: dict[str, list[Row]], died: str) -> None:
    assert mapped({"XML1": [samples.header(**header)], **tables}).facts.died == died


def restricted(made: Mapped) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in made.resources:
        found.setdefault(one.rtype, set()).update(one.labels)
    return found


@pytest.mark.law("BAOMAT-CB-R01", "DLCN-R32")
@pytest.mark.parametrize(
    ("code", "label"),
    [("B20", "hiv"), ("Z21", "hiv"), ("B24", "hiv"), ("F20.0", "psychiatry"), ("F200", "psychiatry"), ("F11.2", "opioid-substitution"), ("O04.9", "reproductive"),
     ("T74.1", "domestic-violence"), ("Z94.0", "transplant"), ("A15.0", "tuberculosis"), ("Q90.9", "genetic")],
)  # fmt: skip
def test_restricted_diagnoses(code: str, label: str) -> None:
    for made in (visit(MA_BENH_CHINH=code), visit(MA_BENH_KT=f"I10;{code}")):
        assert all(label in restricted(made)[rtype] for rtype in ("Condition", "Encounter", "Claim"))
        assert not restricted(made)["Coverage"]


@pytest.mark.law("BAOMAT-CB-R01", "BAOMAT-CB-R02")
@pytest.mark.parametrize(
    ("table", "row", "rtype", "label"),
    [
        ("XML2", samples.medicine(1, TEN_THUOC="Efavirenz 600mg"), "MedicationDispense", "hiv"),
        ("XML2", samples.medicine(1, TEN_THUOC="METHADON 10mg/ml"), "MedicationDispense", "opioid-substitution"),
        ("XML3", samples.service(1, TEN_DICH_VU="HIV Ab test nhanh"), "DiagnosticReport", "hiv"),
        ("XML4", samples.result(1, TEN_CHI_SO="HIV Ab", GIA_TRI="Dương tính"), "Observation", "hiv"),
        ("XML4", samples.result(1, TEN_CHI_SO="Test ma túy 4 chân", GIA_TRI="Âm tính"), "Observation", "drug-test"),
        ("XML5", samples.note(1, DIEN_BIEN_LS="Nghi bạo lực gia đình"), "ClinicalImpression", "domestic-violence"),
        ("XML8", samples.full_row("XML8", "3176") | {"QT_BENHLY": "Nhiễm HIV, đang ARV"}, "Composition", "hiv"),
        ("XML6", samples.full_row("XML6", "3176"), "EpisodeOfCare", "hiv"),
        ("XML15", samples.full_row("XML15", "3176"), "EpisodeOfCare", "tuberculosis"),
    ],
)  # fmt: skip
def test_restricted_rows(table: str, row: Row, rtype: str, label: str) -> None:
    found = restricted(mapped({"XML1": [samples.header()], table: [row]}))
    assert label in found[rtype]
    assert label in found["Claim"]
    assert label in found["Encounter"]


def test_every_resource_of_the_hiv_table_is_restricted() -> None:
    made = mapped({"XML1": [samples.header()], "XML6": [samples.full_row("XML6", "3176")]})
    assert all("hiv" in one.labels for one in made.resources if one.table == "XML6")


def test_an_ordinary_visit_has_no_labels() -> None:
    claim = samples.inpatient()
    assert not {label for one in map_claim(claim, samples.keys(claim)).resources for label in one.labels}


def test_prophylaxis_is_not_an_infection() -> None:
    row = samples.full_row("XML6", "3176") | {"MA_LOAI_BN": "3"}
    made = mapped({"XML1": [samples.header(MA_BENH_KT="")], "XML6": [row]})
    assert "XML6" not in {one.table for one in made.resources if one.rtype == "Condition"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Truyền tĩnh mạch từ từ", ()), ("uống thuốc tự tử", ("psychiatry",)), ("TỰ TỬ bằng thuốc", ("psychiatry",)), ("truyen tu tu", ()),
        ("test ma tuý", ("drug-test",)), ("Test MA TÚY 4 chân", ("drug-test",)), ("mà tuy nhiên", ()), ("ghep than nam 2019", ("transplant",)),
        ("xét  nghiệm   HIV", ("hiv",)), ("chivas", ()), ("pha thai", ("reproductive",)), ("phá thai nội khoa", ("reproductive",)),
    ],
)  # fmt: skip
def test_words_are_known_with_their_tones_or_without_any(text: str, found: tuple[str, ...]) -> None:
    assert labels.of_text(text) == found


def test_labels_have_names() -> None:
    assert {"hiv", "psychiatry", "genetic"} <= set(labels.names())


def test_shared_resources_come_from_codes() -> None:
    made = visit()
    shared = {one.rtype for one in made.resources if one.shared}
    assert shared == {"Organization", "Location", "Practitioner"}
    again = mapped({"XML1": [samples.header(MA_BN="BN2")]})
    assert {one.id for one in again.resources if one.shared} == {one.id for one in made.resources if one.shared}


def test_lent_practitioners_are_the_same_person() -> None:
    plain, lent = (
        mapped({"XML1": [samples.header()], "XML2": [samples.medicine(1, MA_BAC_SI=code)]}) for code in ("000123/DB-CCHN", "000123/DB-CCHN.HD.11002")
    )
    ids = [only(made, "MedicationDispense")["performer"][0]["actor"]["reference"] for made in (plain, lent)]
    assert ids[0] == ids[1]
