"""Small readers of FHIR elements for the person's page; each takes a dict as stored and never fails on what is missing."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from yba.specs import systems

from .named import named

Doc = dict[str, Any]
_NONE: Final[Doc] = {}
_NUMERIC: Final = (int, float)  # a union written in place is made anew at every call
_FLAGS: Final = {
    "H": "high", "HH": "high", "HU": "high", "L": "low", "LL": "low", "LU": "low", "A": "abnormal", "AA": "abnormal", "POS": "abnormal",
}  # fmt: skip
_UNIT_DAYS: Final = {"d": 1, "day": 1, "days": 1, "ngày": 1, "wk": 7, "mo": 30, "": 1}
_LOINC: Final = systems.international("loinc")
_DEPARTMENT: Final = systems.national("department")
_OUTCOME: Final = systems.national("outcome")
_STRENGTH_URL: Final = systems.extension("strength")
_OUTCOME_URL: Final = systems.extension("outcome")
_DEATHS: Final = frozenset({"5", "8"})  # KET_QUA_DTRI: died, died outside (from QĐ 4750)
IN_ERROR: Final = "entered-in-error"
DRAFT: Final = "draft"
_DAY: Final = len("2026-03-12")


def concept(element: Doc | None, day: str = "") -> tuple[str, str]:
    """Give (code, words) of a CodeableConcept: its own text, else a display, else the catalogue's name on the day, else the code."""
    if not element:
        return "", ""
    coding, text = element.get("coding"), element.get("text")
    code = coding[0].get("code", "") if coding else ""
    if text and ";" not in text:  # nearly always
        return code, text
    if text and coding:  # the whole final diagnosis stands beside the principal code: this code has its own name
        text = next(filter(None, (named(each.get("system", ""), each.get("code", ""), day) for each in coding)), text)
    if not text and coding:
        text = next((each["display"] for each in coding if each.get("display")), "")
        text = text or next(filter(None, (named(each.get("system", ""), each.get("code", ""), day) for each in coding)), code)
    return code, text or ""


def measure_key(element: Doc | None, name: str) -> str:
    """Say which values are of one course: the LOINC code where there is one, else the name under its code.

    A service such as a blood count has many values under one code, so the code alone would mix them.
    """
    coding = (element or _NONE).get("coding") or ()
    for each in coding:
        if each.get("system") == _LOINC:
            return str(each.get("code"))
    return f"{coding[0].get('code', '') if coding else ''} {name.casefold()}"


_SPOKEN_UNITS: Final = {"mm[Hg]": "mmHg", "Cel": "°C", "/min": "lần/phút", "10*9/L": "10⁹/L", "10*12/L": "10¹²/L"}
"""UCUM codes as they are said and printed in Viet Nam."""


def quantity(element: Doc | None) -> tuple[float | None, str, str]:
    """Give (value, value as text, unit) of a Quantity; the text keeps the digits that were sent."""
    if not element:
        return None, "", ""
    get = element.get
    value, unit = get("value"), get("unit") or get("code") or ""
    unit = _SPOKEN_UNITS.get(unit, unit)
    if value is None:
        return None, "", unit
    return float(value), f"{get('comparator', '')}{number(value)}", unit


@lru_cache(maxsize=8192)
def number(value: float | str) -> str:
    """Write a number with a decimal comma and without idle zeros: 6300.000 -> 6300, 7.80 -> 7,8."""
    text = str(value)
    if "e" in text or "E" in text:
        return text
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",")


def measured(doc: Doc) -> tuple[float | None, str, str]:
    """Give (number or None, value as text, unit) of an Observation, whichever value[x] it has."""
    if "valueQuantity" in doc:
        return quantity(doc["valueQuantity"])
    if "valueString" in doc:
        return None, str(doc["valueString"]), ""
    if "valueCodeableConcept" in doc:
        return None, concept(doc["valueCodeableConcept"])[1], ""
    if "valueInteger" in doc:
        return float(doc["valueInteger"]), str(doc["valueInteger"]), ""
    if "valueDateTime" in doc:
        return None, str(doc["valueDateTime"]), ""
    parts = [measured(each) for each in doc.get("component") or ()]
    return None, "/".join(text for _, text, _ in parts if text), parts[0][2] if parts else ""


def leading(doc: Doc) -> float | None:
    """Give the number a course is drawn of: an Observation's own, else its first component's (the systolic pressure of a blood pressure)."""
    for each in doc.get("component") or ():
        value = quantity(each.get("valueQuantity"))[0]
        if value is not None:
            return value
    return None


def normal_range(doc: Doc) -> str:
    """Give the first reference range in words."""
    ranges = doc.get("referenceRange")
    if not ranges:
        return ""
    low, high = (ranges[0].get(side, _NONE).get("value") for side in ("low", "high"))
    words = str(ranges[0].get("text") or "")
    if not words and low is not None and high is not None:
        return f"{number(low)} – {number(high)}"
    if not words and (low is not None or high is not None):
        return f"≥ {number(low)}" if low is not None else f"≤ {number(high)}"
    return words


def flag(doc: Doc, value: float | None) -> str:
    """Say whether a value is out of its range: as the laboratory said, else by the range it gave; never by a range of ours."""
    for each in doc.get("interpretation") or ():
        code = concept(each)[0]
        if code in _FLAGS:
            return _FLAGS[code]
        if code:
            return ""
    ranges = doc.get("referenceRange")
    if value is None or not ranges:
        return ""
    get = ranges[0].get
    high, low = get("high", _NONE).get("value"), get("low", _NONE).get("value")
    if isinstance(high, _NUMERIC) and value > high:
        return "high"
    return "low" if isinstance(low, _NUMERIC) and value < low else ""


def when(doc: Doc, *names: str) -> str:
    """Give the first date of these elements (Periods by their start), "" when there is none."""
    for name in names:
        found = doc.get(name)
        if isinstance(found, str):
            return found
        if isinstance(found, dict) and (found.get("start") or found.get("end")):
            return str(found.get("start") or found.get("end"))
    return ""


def target(element: Doc | None) -> str:
    """Give the id of a reference: "Encounter/x" -> "x"."""
    return str(element.get("reference", "")).rpartition("/")[2] if element else ""


def with_strength(doc: Doc, name: str) -> str:
    """Write a medicine's name with its strength, where that stands beside it."""
    strength = next((str(each.get("valueString", "")) for each in doc.get("extension") or () if each.get("url") == _STRENGTH_URL), "")
    return name if not strength or strength in name else f"{name} {strength}"


def supply_days(element: Doc | None) -> int:
    """Give the days of a supply, 0 when the source does not say."""
    if not element or element.get("value") is None:
        return 0
    return int(float(element["value"]) * _UNIT_DAYS.get(element.get("code") or element.get("unit") or "", 0))


def last_day(start: str, days: int) -> str:
    """Give the last day (ISO) a supply of ``days`` lasts that was handed out at ``start``; "" when either is unknown."""
    if days <= 0 or len(start) < _DAY:
        return ""
    try:
        return (date.fromisoformat(start[:_DAY]) + timedelta(days=days - 1)).isoformat()
    except (ValueError, OverflowError):
        return ""


def department(doc: Doc, day: str) -> str:
    """Give the departments of an Encounter in words: its service type, else its locations, whose display may be a bare code (K01)."""
    if service := concept(doc.get("serviceType"), day)[1]:
        return service
    shown = (each.get("location", _NONE).get("display", "") for each in doc.get("location") or ())
    return ", ".join(dict.fromkeys(named(_DEPARTMENT, text, day) or text for text in shown if text))


def outcome(doc: Doc, day: str) -> str:
    """Give how a visit ended: the result of treatment and the way of leaving."""
    told = [named(_OUTCOME, each["valueCode"], day) for each in doc.get("extension") or () if each.get("url") == _OUTCOME_URL and "valueCode" in each]
    told.append(concept((doc.get("hospitalization") or _NONE).get("dischargeDisposition"), day)[1])
    return " · ".join(filter(None, told))


def is_death(doc: Doc) -> bool:
    """Whether an Encounter ended with the person's death, by its result of treatment or way of leaving."""
    told = {each.get("valueCode") for each in doc.get("extension") or () if each.get("url") == _OUTCOME_URL}
    return bool(told & _DEATHS) or concept((doc.get("hospitalization") or _NONE).get("dischargeDisposition"))[0] == "exp"


def is_other(id_: str, doc: Doc, person_id: str) -> bool:
    """Whether a Patient in somebody's record is somebody else: neither the golden one nor linked to it (a newborn in its mother's)."""
    return id_ != person_id and not doc.get("link")


def linked(doc: Doc) -> list[str]:
    """Give the ids of the Patients a golden Patient says are the same person."""
    return [target(link.get("other")) for link in doc.get("link") or ()]


def is_pointer(doc: Doc) -> bool:
    """Whether a Patient only says whom its id means since a merge."""
    return doc.get("active") is False and any(link.get("type") == "replaced-by" for link in doc.get("link", ()))


def in_error(doc: Doc) -> bool:
    """Whether a resource was withdrawn: it stays in the record as FHIR says, but is no fact for a reader."""
    return doc.get("status") == IN_ERROR or ("verificationStatus" in doc and concept(doc["verificationStatus"])[0] == IN_ERROR)
