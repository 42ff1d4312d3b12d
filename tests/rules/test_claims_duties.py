"""Duties of the law that the checks prove: formats, the link, visit types, departments, arrival categories, editions by date."""

from __future__ import annotations

from datetime import date

import pytest

from tests.ingest.checks.bends import BENDS, CHECK_IN, bent
from tests.ingest.checks.example import LINK, claim, findings
from yba.ingest.model import Finding, ParsedClaim, Severity


def about(one: ParsedClaim, field: str, today: date = date(2026, 10, 1)) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity.value) for finding in findings(one, today) if finding.field == field]


def ended(moment: str, **changes: str) -> ParsedClaim:
    """The valid claim, ended on another day (its other dates then differ, which is not the question here)."""
    one = claim()
    one.tables["XML1"][0] |= {"NGAY_RA": moment, **changes}
    return one


@pytest.mark.law("BHYT-DATA-R08")
@pytest.mark.parametrize(
    ("table", "field", "good", "bad", "rule"),
    [
        ("XML1", "NGAY_VAO", "202606100800", "2026-06-10 08:00", "VR046"),
        ("XML1", "NGAY_VAO", "202606100800", "202606102400", "VR046"),
        ("XML1", "NGAY_RA", "202606151000", "20260615", "VR046"),
        ("XML1", "GT_THE_TU", "20260101", "01/01/2026", "YB003"),
        ("XML1", "GT_THE_TU", "20260101", "20260230", "YB003"),
        ("XML1", "NGAY_SINH", "199000000000", "199013010000", "VR012"),
        ("XML1", "NGAY_SINH", "199003000000", "000003050000", "VR012"),
        ("XML1", "GIOI_TINH", "3", "4", "VR011"),
        ("XML1", "GIOI_TINH", "1", "M", "VR009"),
        ("XML1", "MA_LOAI_KCB", "03", "3", "VR060"),
        ("XML1", "MA_DANTOC", "01", "1", "VR017"),
        ("XML1", "MA_DOITUONG_KCB", "1.1", "1.10", "VR035"),
        ("XML2", "SO_LUONG", "10.000", "1.000,5", "VR009"),
        ("XML2", "SO_LUONG", "10.000", "9" * 400, "VR008"),
        ("XML2", "DON_GIA", "1550.000", "1,550,000", "VR009"),
        ("XML1", "MA_BN", "B" * 100, "B" * 101, "VR008"),
        ("XML1", "MA_THE_BHYT", "GD4010100000017", "GD401010000001", "VR025"),
    ],
)
def test_type_length_and_pattern_of_each_field(table: str, field: str, good: str, bad: str, rule: str):
    one = claim()
    one.tables[table][0][field] = good
    assert rule not in {told for told, _ in about(one, field)}
    one.tables[table][0][field] = bad
    assert rule in {told for told, _ in about(one, field)}


@pytest.mark.law("BHYT-DATA-R08")
@pytest.mark.parametrize(("value", "severity"), [("10,5", "note"), ("10.12345", "note"), ("ten", "finding"), ("10.500", None)])
def test_decimal_commas_and_long_decimals_are_noted(value: str, severity: str | None):
    one = claim()
    one.tables["XML2"][0]["SO_LUONG"] = value
    assert [told[1] for told in about(one, "SO_LUONG") if told[0] == "VR009"] == ([severity] if severity else [])


@pytest.mark.law("BHYT-DATA-R08")
def test_lists_joined_with_semicolons_are_judged_part_by_part():
    one = claim()
    one.tables["XML1"][0] |= {"MA_KHOA": "K03;K19", "MA_BENH_KT": "I10;E11.9", "NGAY_TAI_KHAM": "20260701;20260801"}
    assert not [told for field in ("MA_KHOA", "MA_BENH_KT", "NGAY_TAI_KHAM") for told in about(one, field)]
    one.tables["XML1"][0] |= {"MA_BENH_KT": "I10;Q99.99", "NGAY_TAI_KHAM": "20260701;20261301"}
    assert about(one, "MA_BENH_KT")
    assert about(one, "NGAY_TAI_KHAM")


@pytest.mark.law("BHYT-DATA-R08", "BHYT-DATA-R23")
@pytest.mark.parametrize(("decision", "found"), [("3176", True), ("1931", False)])
def test_four_characters_of_benefit_level_only_from_1931(decision: str, found: bool):
    one = claim(decision=decision)
    one.tables["XML2"][0] |= {"MUC_HUONG": "47.5", "T_BHTT": "7362.5", "T_BNCCT": "8137.5"}
    assert (("VR008", "finding") in about(one, "MUC_HUONG")) is found


@pytest.mark.parametrize("table", ["XML2", "XML3", "XML4", "XML5", "XML7", "XML8"])
def test_a_line_of_another_link_is_named(table: str):
    one = claim()
    one.tables[table][-1]["MA_LK"] = LINK + "x"
    told = [finding for finding in findings(one) if finding.rule == "VR002"]
    assert [(finding.severity, finding.table, finding.row, finding.value, finding.expected) for finding in told] == [
        (Severity.FINDING, table, len(one.tables[table]), LINK + "x", LINK)
    ]


def test_outer_blanks_do_not_make_another_link():
    one = claim()
    one.tables["XML2"][0]["MA_LK"] = f" {LINK}\t"
    assert findings(one) == []


def test_no_link_is_refused_but_a_line_without_one_is_kept():
    one = claim()
    del one.tables["XML2"][0]["MA_LK"]
    assert about(one, "MA_LK") == [("VR001", "finding")]
    one.link = ""
    del one.tables["XML1"][0]["MA_LK"]
    assert ("VR001", "reject") in about(one, "MA_LK")


def rejected(told: list[Finding]) -> set[str]:
    return {finding.rule for finding in told if finding.severity is Severity.REJECT}


def test_nothing_else_rejects():
    """Over every bend of every rule, only what cannot be attributed refuses a claim."""
    refused = {rule_id for rule_id, bend in BENDS.items() if rejected(findings(bent(bend)))}
    assert refused == {"VR007", "YB005"}


def test_two_people_in_one_claim_are_refused_the_same_one_twice_is_not():
    one = claim()
    one.tables["XML1"].append({**one.tables["XML1"][0], "HO_TEN": "nguyễn thị  ví dụ"})
    assert [finding.severity for finding in findings(one) if finding.rule == "YB005"] == [Severity.FINDING]
    one.tables["XML1"][1] |= {"NGAY_SINH": "195001010000"}
    assert rejected(findings(one)) == {"YB005"}


def test_no_facility_is_refused_unless_the_envelope_names_it():
    one = claim()
    del one.tables["XML1"][0]["MA_CSKCB"]
    assert ("VR024", "finding") in about(one, "MA_CSKCB")
    one.facility = ""
    assert ("VR024", "reject") in about(one, "MA_CSKCB")


def test_a_check_in_is_no_claim_without_summary():
    one = ParsedClaim("3176", "01001", LINK, {"XML0": [dict(CHECK_IN)]})
    assert findings(one) == []


@pytest.mark.law("BHYT-DATA-R14", "BHYT-DATA-R23")
@pytest.mark.parametrize(
    ("moment", "kind", "found"),
    [
        ("202607311000", "11", True),
        ("202608011000", "11", False),
        ("202608011000", "16", False),
        ("202608011000", "17", True),
        ("202608011000", "1", True),
    ],
)
def test_visit_types_by_the_day_the_visit_ended(moment: str, kind: str, found: bool):
    assert (("VR060", "finding") in about(ended(moment, MA_LOAI_KCB=kind), "MA_LOAI_KCB")) is found


@pytest.mark.law("BHYT-DATA-R14")
@pytest.mark.parametrize(
    ("arrived", "left", "kind", "found"),
    [("202608100800", "202608101159", "03", True), ("202608100800", "202608101200", "03", False), ("202608100800", "202608101159", "09", False)],
)
def test_a_stay_under_four_hours_is_type_09(arrived: str, left: str, kind: str, found: bool):
    one = ended(left, NGAY_VAO=arrived, NGAY_VAO_NOI_TRU=arrived, MA_LOAI_KCB=kind)
    assert (("VR056", "finding") in about(one, "MA_LOAI_KCB")) is found


@pytest.mark.law("BHYT-DATA-R14")
@pytest.mark.parametrize(("moment", "found"), [("202607311000", False), ("202608011000", True)])
def test_type_05_has_no_services_since_qd_1804(moment: str, found: bool):
    one = ended(moment, MA_LOAI_KCB="05")
    assert (("YB007", "finding") in about(one, "MA_NHOM")) is found


@pytest.mark.law("BHYT-DATA-R15")
@pytest.mark.parametrize(
    ("department", "found"), [("K03;K0809", []), ("K02.D35", []), ("K99", []), ("K16.2", []), ("K61", ["finding"]), ("NOI", ["finding"])]
)
def test_departments_by_grammar(department: str, found: list[str]):
    assert [told[1] for told in about(ended("202608011000", MA_KHOA=department), "MA_KHOA")] == found


@pytest.mark.law("BHYT-DATA-R16")
@pytest.mark.parametrize(
    ("moment", "category", "found"), [("202512311000", "1.8", []), ("202601011000", "1.8", ["finding"]), ("202601011000", "1.18", [])]
)
def test_arrival_categories_by_the_day_the_visit_ended(moment: str, category: str, found: list[str]):
    one = ended(moment, MA_DOITUONG_KCB=category, MA_DKBD="01002")
    assert [severity for rule, severity in about(one, "MA_DOITUONG_KCB") if rule == "VR035"] == found


@pytest.mark.law("BHYT-DATA-R16")
@pytest.mark.parametrize(("fuel", "found"), [("XEDIEN", False), ("R954V2", False), ("R95", True)])
def test_fuel_codes_of_transport(fuel: str, found: bool):
    one = claim()
    one.tables["XML3"][0] |= {"MA_NHOM": "12", "MA_XANG_DAU": fuel}
    assert bool(about(one, "MA_XANG_DAU")) is found


@pytest.mark.law("BHYT-DATA-R23")
@pytest.mark.parametrize(("moment", "edition"), [("202606301000", "ICD-10 QĐ 4469/2020"), ("202607011000", "ICD-10 TT 06/2026")])
def test_icd10_edition_by_the_day_the_visit_ended(moment: str, edition: str):
    one = ended(moment, MA_BENH_KT="Q99.99")
    assert [finding.edition for finding in findings(one, date(2026, 10, 1)) if finding.field == "MA_BENH_KT"] == [edition]


@pytest.mark.law("BHYT-DATA-R23")
def test_old_and_new_versions_are_judged_side_by_side_each_by_its_own():
    old, new = bent({"old": 1}), claim()
    assert findings(old) == []
    assert findings(new) == []
    assert {finding.edition for finding in findings(bent({"old": 1, "XML1.GIOI_TINH": "x"}))} == {"4210"}
    assert {finding.edition for finding in findings(bent({"XML1.GIOI_TINH": "x"}))} == {"3176"}


@pytest.mark.law("BHYT-DATA-R23")
def test_a_late_file_in_an_old_version_is_noted_and_kept():
    told = [finding for finding in findings(bent(BENDS["YB006"])) if finding.rule == "YB006"]
    assert [(finding.severity, finding.expected[:11]) for finding in told] == [(Severity.NOTE, "QĐ 3176/QĐ-")]


@pytest.mark.law("BHYT-DATA-R08")
@pytest.mark.parametrize(("rate", "found"), [("100", False), ("100.00", False), ("100.5", True), ("1000", True)])
def test_trailing_zeros_do_not_make_a_number_too_long(rate: str, found: bool):
    one = claim()
    one.tables["XML2"][0]["TYLE_TT_BH"] = rate
    assert (("VR008", "finding") in about(one, "TYLE_TT_BH")) is found


@pytest.mark.law("BHYT-DATA-R08")
@pytest.mark.parametrize(
    ("born", "found"), [("199012000000", False), ("199000000000", False), ("199013000000", True), ("199000050000", True), ("199002300000", True)]
)
def test_unknown_parts_of_a_birth_date_are_zeros(born: str, found: bool):
    one = claim()
    one.tables["XML1"][0]["NGAY_SINH"] = born
    assert (("VR012", "finding") in about(one, "NGAY_SINH")) is found


@pytest.mark.parametrize(
    ("name", "born", "found"),
    [
        ("TRẦN VĂN KHÁC", "195001010000", [Severity.FINDING]),
        ("TRẦN VĂN KHÁC", "199003050000", []),
        ("Nguyễn Thị Ví Dụ", "195001010000", []),
        ("TRẦN VĂN KHÁC", "1990", []),
    ],
)
def test_a_referral_letter_of_somebody_else(name: str, born: str, found: list[Severity]):
    """Another name and another birth date together; one of them alone is VR157's."""
    one = claim()
    one.tables["XML13"] = [{"MA_LK": LINK, "HO_TEN": name, "NGAY_SINH": born}]
    assert [finding.severity for finding in findings(one) if finding.rule == "YB005"] == found
