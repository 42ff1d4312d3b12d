"""The short form of vital signs: what every desk measures."""

from __future__ import annotations

from typing import Any

from tools.forms.maker import answer_of, calculated, constraint, group, helped, item, limits, observed, questionnaire, unit

# Hard limits: what no living person has; soft ones: what is asked about. Clinicians of the province confirm them (checked_by is ours).
SIGNS = (
    # linkId, vi, en, unit code, shown, LOINC, hard, soft, type
    ("pulse", "Mạch", "Pulse", "/min", "lần/phút", "8867-4", (10, 300), (45, 140), "integer"),
    ("temperature", "Nhiệt độ", "Temperature", "Cel", "°C", "8310-5", (25, 45), (35, 40), "decimal"),
    ("respiration", "Nhịp thở", "Respiratory rate", "/min", "lần/phút", "9279-1", (1, 150), (10, 40), "integer"),
    ("saturation", "SpO₂", "Oxygen saturation", "%", "%", "2708-6", (30, 100), (92, 100), "integer"),
    ("weight", "Cân nặng", "Weight", "kg", "kg", "29463-7", (0.3, 400), (2, 150), "decimal"),
    ("height", "Chiều cao", "Height", "cm", "cm", "8302-2", (20, 250), (45, 195), "decimal"),
    ("waist", "Vòng bụng", "Waist", "cm", "cm", "8280-0", (20, 250), (40, 140), "decimal"),
)
PRESSURE = (
    ("systolic", "HA tâm thu", "Systolic", "8480-6", (30, 320), (85, 200)),
    ("diastolic", "HA tâm trương", "Diastolic", "8462-4", (10, 220), (45, 120)),
)


Sign = tuple[str, str, str, str, str, str, tuple[float, float], tuple[float, float], str]


def measured(sign: Sign, *, how: str = "") -> dict[str, Any]:
    """One measured number."""
    link_id, vi, en, code, shown, loinc, hard, soft, type_ = sign
    doc = limits(unit(item(link_id, type_, vi, en), code, shown), hard=hard, soft=soft)
    return observed(doc, loinc, how=how, category="" if how else "vital-signs")


def bmi(link_id: str, weight: str, height: str) -> dict[str, Any]:
    """The body mass index, never typed."""
    text = f"iif({answer_of(height)} > 0, ({answer_of(weight)} / (({answer_of(height)} / 100) * ({answer_of(height)} / 100))).round(1), {{}})"
    return calculated(observed(unit(item(link_id, "decimal", "BMI", "BMI"), "kg/m2", "kg/m²"), "39156-5", category="vital-signs"), text)


def pressure(link_id: str, systolic: str, diastolic: str) -> dict[str, Any]:
    """Blood pressure: one Observation with two components; both or neither, the upper above the lower."""
    parts = [measured((name, vi, en, "mm[Hg]", "mmHg", loinc, hard, soft, "integer"), how="component")
             for name, (_, vi, en, loinc, hard, soft) in zip((systolic, diastolic), PRESSURE, strict=True)]  # fmt: skip
    doc = observed(group(link_id, "Huyết áp", "Blood pressure", parts), "85354-9", category="vital-signs")
    rule = f"item.where(linkId='{systolic}').answer.value > item.where(linkId='{diastolic}').answer.value"
    constraint(doc, "bp-order", rule, "Huyết áp tâm thu phải lớn hơn tâm trương.", "Systolic pressure must be above diastolic.")
    both = f"item.where(linkId='{systolic}').exists() and item.where(linkId='{diastolic}').exists()"
    return constraint(doc, "bp-both", both, "Cần cả hai số huyết áp.", "Both numbers of the blood pressure are needed.", severity="warning")


def vitals() -> dict[str, Any]:
    """The whole form."""
    signs = {one[0]: measured(one) for one in SIGNS}
    note = helped(item("note", "text", "Ghi chú", "Note", maxLength=2000), "Điều cần lưu ý khi đo.", "What to know about the measuring.")
    order = [
        pressure("pressure", "systolic", "diastolic"),
        *(signs[name] for name in ("pulse", "temperature", "respiration", "saturation", "weight", "height")),
    ]
    items = [*order, bmi("bmi", "weight", "height"), signs["waist"], note]
    return questionnaire(
        "vitals", "1", "Sinh hiệu", "Vital signs", items,
        source="Vital signs of QĐ 831/QĐ-BYT 2017, part D1 (shared/spec/ehr-831.csv); limits: proposal, to be confirmed by clinicians", start="2026-01-01",
    )  # fmt: skip
