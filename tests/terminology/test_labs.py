"""Laboratory items: names as hospitals write them, and no LOINC code when the unit does not fit."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.terminology import edition_on, labs, units

ITEMS = list(edition_on("lab", None).all())
URINALYSIS = "Tổng phân tích nước tiểu (Bằng máy tự động)"


@pytest.mark.parametrize(
    ("name", "unit", "context", "loinc"),
    [
        ("Định lượng Glucose [Máu]", "mmol/L", "", "14749-6"),
        ("GLUCOSE", "mg/dL", "", "2345-7"),
        ("Glucose", "mmol/l", "Định lượng Glucose [Máu]", "14749-6"),
        ("Glucose", "", URINALYSIS, "5792-7"),
        ("WBC", "G/L", "", "6690-2"),
        ("Số lượng bạch cầu", "10^9/L", "", "6690-2"),
        ("Bạch cầu", "", URINALYSIS, "5799-2"),
        ("NEU", "%", "", "770-8"),
        ("NEU", "G/L", "", "751-8"),
        ("NEU%", "%", "", "770-8"),
        ("Đo hoạt độ AST (GOT) [Máu]", "U/L", "", "1920-8"),
        ("SGPT", "UI/L", "", "1742-6"),
        ("creatinin mau", "µmol/L", "", "14682-9"),
        ("HGB", "g/dL", "", "718-7"),
        ("Na+", "mmol/L", "", "2951-2"),
        ("HCT", "%", "", "4544-3"),
        ("CO₂ toàn phần", "mmol/L", "", "2028-9"),
        ("Bilirubin toàn phần", "µmol/L", "", "14631-6"),
        ("TSH", "µIU/mL", "", "3016-3"),
        ("HBsAg", "", "", "5196-1"),
        ("INR", "", "", "6301-6"),
        ("INR", "tỷ số", "", "6301-6"),
        ("D-Dimer", "mg/L FEU", "", "48065-7"),
        ("eGFR", "ml/phút/1,73m2", "", "62238-1"),
        ("beta hCG", "U/L", "", "21198-7"),
    ],
)
def test_names_of_hospitals(name, unit, context, loinc):
    assert labs.find(name, unit, context).loinc == loinc


@pytest.mark.parametrize(
    ("name", "unit", "context"),
    [
        ("Glucose", "", ""),  # blood or urine?
        ("NEU", "", ""),  # share or count?
        ("Định lượng Creatinin (niệu)", "mmol/L", ""),  # the item held is blood
        ("Protein dịch não tủy", "g/L", ""),
        ("Glucose dịch", "mmol/L", ""),
        ("Natri niệu", "mmol/L", ""),
        ("Không phải xét nghiệm", "mmol/L", ""),
        ("", "", ""),
        ("(máu)", "mmol/L", ""),
        ("%", "%", ""),
        ("x" * 1000, "", ""),
    ],
)
def test_what_cannot_be_told_is_not_guessed(name, unit, context):
    assert labs.find(name, unit, context) is None


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Creatinin máu", ""),
        ("Creatinin máu", "U/L"),
        ("Creatinin máu", "lạ"),
        ("WBC", "%"),
        ("HBsAg", "S/CO"),
        ("Natri", "mg/kg"),
        ("D-Dimer", "mg/L"),
        ("eGFR", "ml/phút"),
    ],
)
def test_an_item_with_a_unit_that_does_not_fit_has_no_loinc(name, unit):
    found = labs.find(name, unit)
    assert found is not None
    assert found.loinc == ""
    assert found.key


def test_every_item_is_found_under_its_own_name_and_unit():
    missed = []
    for item in ITEMS:
        said = item.properties
        context = URINALYSIS if said.get("specimen") == "Nước tiểu" else ""
        found = labs.find(item.display, said.get("unit", "") if said.get("ucum") else "", context)
        if found is None or found.key != item.code:
            missed.append((item.display, found and found.name_vi))
    assert missed == []


@given(st.sampled_from(ITEMS), st.sampled_from(["", "U/L", "mmol/L", "mg/dL", "%", "G/L", "s", "g/L", "lạ"]))
def test_a_loinc_code_is_given_only_for_a_unit_of_its_kind(item, unit):
    found = labs.find(item.display, unit)
    if found is not None and found.loinc == item.code and unit:
        assert units.commensurable(found.ucum, item.properties["ucum"])


@given(st.sampled_from(ITEMS))
def test_tones_case_and_unicode_form_do_not_matter(item):
    unit = item.properties.get("unit", "") if item.properties.get("ucum") else ""
    context = URINALYSIS if item.properties.get("specimen") == "Nước tiểu" else ""
    expected = labs.find(item.display, unit, context)
    assert labs.find(unicodedata.normalize("NFD", item.display), unit, context) == expected
    assert labs.find(item.display.upper(), unit, context) == expected


@given(st.text(max_size=40), st.text(max_size=10), st.text(max_size=20))
def test_any_text_is_answered(name, unit, context):
    labs.find(name, unit, context)
